// What stands at the cells themselves: the bar that shows and sets the step, the step's colour, and what is stale.
import { InputDialog } from '@jupyterlab/apputils';
import { Cell } from '@jupyterlab/cells';
import { Session, Settings } from './session';
import { ROLES, roleTag, setTags, tagsOf, withRole } from './tags';

export const COLOURS = 8;
const NEW = '\u0000new';

/** Draw bars, colours and stale marks of a notebook anew. */
export function decorate(session: Session, settings: Settings): void {
  const { structure } = session;
  const titles = structure?.steps.map(step => step.title) ?? [];
  const roles = new Map(structure?.roles.map(role => [role.cell, role]) ?? []);
  const stale = new Map(structure?.stale.map(each => [each.cell, each.reason]) ?? []);
  const places = new Map(structure?.steps.map((step, index) => [step.name, index]) ?? []);
  session.panel.content.widgets.forEach((cell, index) => {
    const role = roles.get(index + 1);
    const isCode = cell.model.type === 'code';
    const place = role?.step ? places.get(role.step) : undefined;
    cell.toggleClass('nbpipe-step', isCode && place !== undefined);
    cell.node.style.setProperty('--nbpipe-step', `var(--nbpipe-step-${(place ?? 0) % COLOURS})`);
    const reason = isCode ? stale.get(index + 1) : undefined;
    cell.toggleClass('nbpipe-stale', reason !== undefined);
    if (isCode) {
      const joined = role && !role.tagged && role.step ? (structure?.steps[place ?? 0]?.title ?? role.step) : '';
      bar(session, cell, settings.stepBar, titles, joined, reason ?? '');
    }
  });
}

function bar(session: Session, cell: Cell, isShown: boolean, titles: string[], joined: string, stale: string): void {
  const header = cell.node.querySelector<HTMLElement>('.jp-CellHeader');
  const present = header?.querySelector<HTMLElement>('.nbpipe-bar') ?? null;
  const tags = tagsOf(cell.model);
  if (!header || (!isShown && !stale)) {
    present?.remove();
    return;
  }
  const state = JSON.stringify([titles, joined, stale, tags, isShown]);
  if (present?.dataset.state === state) {
    return;
  }
  const node = document.createElement('div');
  node.className = 'nbpipe-bar';
  node.dataset.state = state;
  if (isShown) {
    node.append(chooser(session, cell, titles, joined, tags));
    if (tags.includes('metrics')) {
      node.append(chip('metrics', 'nbpipe-chip', 'The numbers in this cell are the metrics of its step'));
    }
  }
  if (stale) {
    node.append(chip('stale', 'nbpipe-chip nbpipe-mod-stale', `This cell ${stale}`));
  }
  present?.remove();
  header.append(node);
}

function chip(text: string, className: string, title: string): HTMLElement {
  const node = document.createElement('span');
  node.className = className;
  node.textContent = text;
  node.title = title;
  return node;
}

function chooser(session: Session, cell: Cell, titles: string[], joined: string, tags: string[]): HTMLElement {
  const select = document.createElement('select');
  select.className = 'nbpipe-bar-role';
  select.title = "The cell's place in the pipeline: a step, or what all steps share";
  select.setAttribute('aria-label', 'Place in the pipeline');
  const option = (value: string, text: string) => select.append(new Option(text, value));
  option('', joined ? `joins ${joined}` : 'no step');
  const current = roleTag(tags);
  for (const title of titles) {
    option(`step:${title}`, title);
  }
  for (const role of ROLES) {
    option(role, role);
  }
  if (current && ![...select.options].some(each => each.value === current)) {
    option(current, current);
  }
  option(NEW, 'new step…');
  select.value = current;
  select.classList.toggle('nbpipe-mod-unset', !current);
  select.addEventListener('change', () => void choose(session, cell, select, current));
  // The notebook takes keys for commands while no editor has the focus.
  select.addEventListener('keydown', event => event.stopPropagation());
  return select;
}

async function choose(session: Session, cell: Cell, select: HTMLSelectElement, current: string): Promise<void> {
  let role = select.value;
  if (role === NEW) {
    const asked = await InputDialog.getText({
      title: 'New step',
      label: 'Name of the step, such as "load" or "train model"',
      okLabel: 'Tag'
    });
    const name = asked.button.accept ? (asked.value ?? '').trim() : '';
    if (!name) {
      select.value = current;
      return;
    }
    role = `step:${name}`;
  }
  setTags(cell.model, withRole(tagsOf(cell.model), role));
  void session.check();
}
