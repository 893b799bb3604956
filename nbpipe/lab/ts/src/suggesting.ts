// The command that suggests steps: by what the code does, or by headings; nothing is tagged before somebody agrees.
import { Dialog, showDialog } from '@jupyterlab/apputils';
import { ICellModel } from '@jupyterlab/cells';
import { Widget } from '@lumino/widgets';
import { Suggested } from './schema';
import { Server, Split } from './server';
import { Session } from './session';
import { setTags } from './tags';

const WAYS: [Split, string][] = [
  ['stages', 'by what the code does'],
  ['headings', 'by the headings']
];

/** Give whether tags were set. */
export async function suggestSteps(server: Server, session: Session): Promise<boolean> {
  const body = new Suggestions(server, session);
  await body.look('stages');
  const answer = await showDialog({
    title: 'Tag these cells?',
    body,
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label: 'Tag' })]
  });
  if (!answer.button.accept || !body.cells.length) {
    return false;
  }
  if (session.state() !== body.state) {
    throw new Error('the notebook was changed meanwhile: ask for steps again');
  }
  session.panel.context.model.sharedModel.transact(() => {
    body.cells.forEach(({ cell, tags }) => setTags(body.models[cell - 1], tags));
  });
  await session.check();
  return true;
}

class Suggestions extends Widget {
  constructor(
    private readonly server: Server,
    private readonly session: Session
  ) {
    super();
    this.addClass('nbpipe-suggestions');
    const label = document.createElement('label');
    label.textContent = 'Divide ';
    const select = document.createElement('select');
    select.className = 'nbpipe-split';
    WAYS.forEach(([value, text]) => select.append(new Option(text, value)));
    select.addEventListener('change', () => void this.look(select.value as Split));
    label.append(select);
    this.node.append(label, this._list);
  }

  cells: Suggested['cells'] = [];
  models: ICellModel[] = [];
  state = '';

  /** Show what is suggested; where nothing can be, why. */
  async look(split: Split): Promise<void> {
    this.models = this.session.cells;
    this.state = this.session.state();
    this.cells = [];
    try {
      const { cells, problem } = await this.server.suggestTags(this.session.path, this.session.text(), split);
      this.cells = cells;
      const lines = cells.map(({ cell, tags, reason }) => item(`cell ${cell}: ${tags.join(', ') || 'no tags'}`, reason));
      this._list.replaceChildren(...(lines.length ? lines : [item(problem || 'The cells are tagged like that already.')]));
    } catch (error) {
      this._list.replaceChildren(item(error instanceof Error ? error.message : String(error)));
    }
  }

  private readonly _list = document.createElement('ul');
}

function item(text: string, reason = ''): HTMLElement {
  const node = document.createElement('li');
  node.textContent = text;
  if (reason) {
    const why = document.createElement('span');
    why.textContent = ` ${reason}`;
    node.append(why);
  }
  return node;
}
