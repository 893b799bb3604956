// The commands, as the palette, the menu, the toolbar and the panel call them.
import { Dialog, Notification, showDialog, showErrorMessage } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { CommandRegistry } from '@lumino/commands';
import { Widget } from '@lumino/widgets';
import { applyFixed } from './edits';
import { icon } from './icon';
import { Capabilities, Fixed } from './schema';
import { Server } from './server';
import { Session } from './session';
import { Sessions } from './sessions';
import { setTags } from './tags';
import { Jobs } from './work';

export const COMMANDS = [
  'nbpipe:check',
  'nbpipe:fix',
  'nbpipe:fix-unsafe',
  'nbpipe:verify',
  'nbpipe:suggest-steps',
  'nbpipe:convert',
  'nbpipe:run-pipeline',
  'nbpipe:open-graph',
  'nbpipe:open-mlflow',
  'nbpipe:cancel',
  'nbpipe:show-panel'
];

export interface Parts {
  commands: CommandRegistry;
  tracker: INotebookTracker;
  server: Server;
  sessions: Sessions;
  jobs: Jobs;
  capabilities: () => Capabilities | null;
  /** Show the panel; of it, the steps. */
  show: (steps?: boolean) => void;
  /** Show a file or folder in the file browser. */
  reveal: (path: string) => Promise<void>;
}

interface Entry {
  label: string;
  short?: string;
  caption: string;
  /** What the server must be able to do; see its capabilities. */
  needs?: keyof Capabilities['commands'];
  isLong?: boolean;
  run: (session: Session) => Promise<void>;
}

export function addCommands(parts: Parts): void {
  const { commands, sessions, jobs, capabilities } = parts;
  for (const [id, entry] of Object.entries(entries(parts))) {
    commands.addCommand(id, {
      label: args => (args['short'] && entry.short) || (args['toolbar'] ? '' : entry.label),
      caption: entry.caption,
      icon: args => (args['toolbar'] ? icon : undefined),
      isVisible: () => !entry.needs || (capabilities()?.commands[entry.needs] ?? false),
      isEnabled: () => sessions.current !== null && !(entry.isLong && jobs.isRunning),
      describedBy: { args: { type: 'object', properties: { short: { type: 'boolean' }, toolbar: { type: 'boolean' } } } },
      execute: async () => {
        const session = sessions.current;
        if (session) {
          await entry.run(session).catch(error => showErrorMessage(entry.label, error as Error));
        }
      }
    });
  }
  commands.addCommand('nbpipe:cancel', {
    label: 'Cancel What Is Running',
    caption: 'Stop the verification, conversion or run in the background',
    isEnabled: () => jobs.isRunning,
    describedBy: { args: { type: 'object', properties: {} } },
    execute: () => jobs.cancel()
  });
  commands.addCommand('nbpipe:show-panel', {
    label: 'Show Findings',
    caption: 'Show the panel with what was found, the steps and the runs',
    describedBy: { args: { type: 'object', properties: {} } },
    execute: () => parts.show()
  });
  jobs.changed.connect(() => commands.notifyCommandChanged());
}

function entries(parts: Parts): Record<string, Entry> {
  return {
    'nbpipe:check': {
      label: 'Check This Notebook',
      short: 'Check',
      caption: 'Find what keeps this notebook from being trusted',
      run: async session => {
        parts.show();
        await session.check();
      }
    },
    'nbpipe:fix': {
      label: 'Fix What Is Safe',
      short: 'Fix',
      caption: 'Mend what can be mended without changing what the notebook does',
      run: session => fixSafely(parts, session)
    },
    'nbpipe:fix-unsafe': {
      label: 'Fix What Is Unsafe, Too…',
      caption: 'Show what all fixes would change, and make them when you agree',
      run: session => fixUnsafely(parts, session)
    },
    'nbpipe:verify': {
      label: 'Verify: Run Fresh and Compare',
      short: 'Verify',
      caption: 'Save, run from top to bottom in a fresh kernel, and compare with the stored outputs',
      needs: 'verify',
      isLong: true,
      run: async session => {
        await begin(parts, session);
        await parts.jobs.run('verify', session.path, session.panel.sessionContext.session?.kernel?.name);
      }
    },
    'nbpipe:suggest-steps': {
      label: 'Suggest Steps…',
      caption: 'Suggest which cells form which step of a pipeline',
      needs: 'tag',
      run: session => suggestSteps(parts, session)
    },
    'nbpipe:convert': {
      label: 'Convert to Pipeline',
      short: 'Convert',
      caption: 'Save, make a pipeline of the tagged cells, and prove that it computes the same',
      needs: 'convert',
      isLong: true,
      run: async session => {
        await begin(parts, session);
        const result = await parts.jobs.run('convert', session.path, session.panel.sessionContext.session?.kernel?.name);
        if (result?.kind === 'convert') {
          const folder = session.path.split('/').slice(0, -1).join('/');
          await parts.reveal(`${folder ? `${folder}/` : ''}${result.folder}/README.md`);
        }
      }
    },
    'nbpipe:run-pipeline': {
      label: 'Run the Pipeline',
      caption: 'Run the pipeline that was made of this notebook, recorded in MLflow where that is installed',
      needs: 'run',
      isLong: true,
      run: session => runPipeline(parts, session)
    },
    'nbpipe:open-graph': {
      label: 'Show the Graph of the Steps',
      caption: 'Show the steps of this notebook, and what flows between them',
      run: async session => {
        parts.show(true);
        await session.check();
      }
    },
    'nbpipe:open-mlflow': {
      label: 'Open the Last MLflow Run',
      caption: 'Open the run that the last pipeline run was recorded as',
      needs: 'mlflow',
      run: () => openMlflow(parts)
    }
  };
}

/** What runs in the background reads the file: save it, and show the panel, where it reports. */
async function begin(parts: Parts, session: Session): Promise<void> {
  parts.show();
  if (session.panel.context.model.dirty) {
    await session.panel.context.save();
  }
}

async function fixSafely(parts: Parts, session: Session): Promise<void> {
  const before = session.state();
  const fixed = await parts.server.fix(session.path, session.text(), false);
  if (fixed.problem) {
    throw new Error(fixed.problem);
  }
  if (!fixed.applied.length) {
    Notification.info('nbpipe: nothing that can be fixed safely', { autoClose: 4000 });
    return;
  }
  make(session, fixed, before);
}

async function fixUnsafely(parts: Parts, session: Session): Promise<void> {
  const before = session.state();
  const fixed = await parts.server.fix(session.path, session.text(), true);
  if (fixed.problem) {
    throw new Error(fixed.problem);
  }
  if (!fixed.applied.length) {
    Notification.info('nbpipe: nothing that can be fixed', { autoClose: 4000 });
    return;
  }
  const answer = await showDialog({
    title: `Make ${fixed.applied.length === 1 ? 'this fix' : `these ${fixed.applied.length} fixes`}?`,
    body: difference(fixed),
    buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: 'Fix' })]
  });
  if (!answer.button.accept) {
    return;
  }
  make(session, fixed, before);
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

async function suggestSteps(parts: Parts, session: Session): Promise<void> {
  const models = session.cells;
  const { cells } = await parts.server.suggestTags(session.path, session.text());
  if (!cells.length) {
    Notification.info('nbpipe: no other tags to suggest', { autoClose: 4000 });
    return;
  }
  const node = document.createElement('ul');
  node.className = 'nbpipe-suggestions';
  for (const { cell, tags, reason } of cells) {
    const item = document.createElement('li');
    item.textContent = `cell ${cell}: ${tags.join(', ') || 'no tags'} (${reason})`;
    node.append(item);
  }
  const answer = await showDialog({
    title: 'Tag these cells?',
    body: new Widget({ node }),
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label: 'Tag' })]
  });
  if (answer.button.accept) {
    cells.forEach(({ cell, tags }) => setTags(models[cell - 1], tags));
    await session.check();
    parts.show(true);
  }
}

async function runPipeline(parts: Parts, session: Session): Promise<void> {
  const { pipelines } = await parts.server.capabilities(session.path);
  if (!pipelines.length) {
    throw new Error('no pipeline was made of this notebook yet: convert it first');
  }
  const [pipeline] = pipelines;
  if (pipeline.problem) {
    const answer = await showDialog({
      title: 'Run a pipeline that is not in step?',
      body: `${pipeline.path.split('/').at(-1)} ${pipeline.problem}`,
      buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: 'Run' })]
    });
    if (!answer.button.accept) {
      return;
    }
  }
  parts.show();
  await parts.jobs.run('run', pipeline.path);
}

async function openMlflow(parts: Parts): Promise<void> {
  const result = parts.jobs.current?.result;
  const tracked = result?.kind === 'run' ? result.mlflow : null;
  if (!tracked) {
    throw new Error('no run was recorded since this page was opened: run the pipeline first');
  }
  if (/^https?:/.test(tracked.see)) {
    window.open(`${tracked.see.replace(/\/$/, '')}/#/runs/${tracked.run}`, '_blank', 'noopener');
    return;
  }
  await showDialog({
    title: `MLflow run ${tracked.run}`,
    body: `The run is in a file, not on a server. To see it, type in a terminal: ${tracked.see}`,
    buttons: [Dialog.okButton()]
  });
}
