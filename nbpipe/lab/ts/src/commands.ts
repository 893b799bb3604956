// The commands, as the palette, the menu, the toolbar and the panel call them.
import { showErrorMessage } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { CommandRegistry } from '@lumino/commands';
import { fixSafely, fixUnsafely } from './fixing';
import { icon } from './icon';
import { askedOptions, chosenPipeline, openMlflow } from './pipelines';
import { Capabilities } from './schema';
import { Server } from './server';
import { Session } from './session';
import { Sessions } from './sessions';
import { suggestSteps } from './suggesting';
import { Jobs } from './work';

export const COMMANDS = [
  'nbpipe:check',
  'nbpipe:fix',
  'nbpipe:fix-unsafe',
  'nbpipe:verify',
  'nbpipe:suggest-steps',
  'nbpipe:convert',
  'nbpipe:run-pipeline',
  'nbpipe:run-pipeline-with',
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
      run: session => fixSafely(parts.server, session)
    },
    'nbpipe:fix-unsafe': {
      label: 'Fix What Is Unsafe, Too…',
      caption: 'Show what all fixes would change, and make them when you agree',
      run: session => fixUnsafely(parts.server, session)
    },
    'nbpipe:verify': {
      label: 'Verify: Run Fresh and Compare',
      short: 'Verify',
      caption: 'Save, run from top to bottom in a fresh kernel, and compare with the stored outputs',
      needs: 'verify',
      isLong: true,
      run: async session => {
        await begin(parts, session);
        await parts.jobs.run('verify', session.path, kernelOf(session));
      }
    },
    'nbpipe:suggest-steps': {
      label: 'Suggest Steps…',
      caption: 'Suggest which cells form which step of a pipeline',
      needs: 'tag',
      run: async session => {
        if (await suggestSteps(parts.server, session)) {
          parts.show(true);
        }
      }
    },
    'nbpipe:convert': {
      label: 'Convert to Pipeline',
      short: 'Convert',
      caption: 'Save, make a pipeline of the tagged cells, and prove that it computes the same',
      needs: 'convert',
      isLong: true,
      run: async session => {
        await begin(parts, session);
        const result = await parts.jobs.run('convert', session.path, kernelOf(session));
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
      run: session => runPipeline(parts, session, false)
    },
    'nbpipe:run-pipeline-with': {
      label: 'Run the Pipeline With…',
      caption: 'Run the pipeline with other parameters, or without the results that are known',
      needs: 'run',
      isLong: true,
      run: session => runPipeline(parts, session, true)
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
      caption: 'Open the last run of the pipeline that was recorded in MLflow',
      needs: 'mlflow',
      run: session => openMlflow(parts.server, session)
    }
  };
}

/** What runs in the background reads the file: save it, and show the panel, where it reports. */
async function begin(parts: Parts, session: Session): Promise<void> {
  parts.show();
  const { context } = session.panel;
  if (context.model.dirty) {
    await context.save();
    if (context.model.dirty) {
      throw new Error('the notebook could not be saved');
    }
  }
}

/** The kernel that somebody chose for the notebook; what the notebook says counts where there is none. */
function kernelOf(session: Session): { kernel?: string } {
  return { kernel: session.panel.sessionContext.session?.kernel?.name };
}

async function runPipeline(parts: Parts, session: Session, asks: boolean): Promise<void> {
  const pipeline = await chosenPipeline(parts.server, session);
  const options = pipeline && asks ? await askedOptions(parts.server, pipeline) : {};
  if (pipeline && options) {
    parts.show();
    await parts.jobs.run('run', pipeline.path, options);
  }
}
