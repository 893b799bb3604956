// The commands that mend: what is safe at once, what is not after a look at the difference.
import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';
import { applyFixed } from './edits';
import { Fixed } from './schema';
import { Server } from './server';
import { Session } from './session';

export async function fixSafely(server: Server, session: Session): Promise<void> {
  const before = session.state();
  const fixed = await found(server, session, false);
  if (fixed) {
    make(session, fixed, before);
  }
}

export async function fixUnsafely(server: Server, session: Session): Promise<void> {
  const before = session.state();
  const fixed = await found(server, session, true);
  if (!fixed) {
    return;
  }
  const answer = await showDialog({
    title: `Make ${fixed.applied.length === 1 ? 'this fix' : `these ${fixed.applied.length} fixes`}?`,
    body: difference(fixed),
    buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: 'Fix' })]
  });
  if (answer.button.accept) {
    make(session, fixed, before);
  }
}

/** Give what fixing would change, null (and say so) where that is nothing. */
async function found(server: Server, session: Session, unsafe: boolean): Promise<Fixed | null> {
  const fixed = await server.fix(session.path, session.text(), unsafe);
  if (fixed.problem) {
    throw new Error(fixed.problem);
  }
  if (!fixed.applied.length) {
    Notification.info(`nbpipe: nothing that can be fixed${unsafe ? '' : ' safely'}`, { autoClose: 4000 });
    return null;
  }
  return fixed;
}

function make(session: Session, fixed: Fixed, before: string): void {
  if (session.state() !== before) {
    throw new Error('the notebook was changed meanwhile: ask for the fixes again');
  }
  applyFixed(session.panel.context.model, fixed.cells, fixed.metadata);
  const count = fixed.applied.length;
  Notification.success(`nbpipe: ${count === 1 ? '1 fix' : `${count} fixes`} made; Edit › Undo takes them back`, {
    autoClose: 5000
  });
  void session.check();
}

function difference(fixed: Fixed): Widget {
  const node = document.createElement('div');
  const hint = document.createElement('p');
  hint.textContent = 'Some of these fixes may change what the notebook does:';
  const pre = document.createElement('pre');
  pre.className = 'nbpipe-diff';
  for (const line of fixed.diff) {
    const row = document.createElement('div');
    row.textContent = line || ' ';
    row.className = { '+': 'nbpipe-added', '-': 'nbpipe-removed', '@': 'nbpipe-place' }[line[0]] ?? '';
    pre.append(row);
  }
  node.append(hint, pre);
  return new Widget({ node });
}
