// nbpipe in JupyterLab.
import { ILabShell, ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, IToolbarWidgetRegistry, Notification } from '@jupyterlab/apputils';
import { EditorExtensionRegistry, IEditorExtensionRegistry } from '@jupyterlab/codemirror';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';
import { COMMANDS, addCommands } from './commands';
import { decorate } from './decorate';
import { Marks } from './marks';
import { Panel } from './panel';
import { Capabilities } from './schema';
import { Server } from './server';
import { DEFAULTS, Settings } from './session';
import { Sessions } from './sessions';
import { Status } from './status';
import { menuButton } from './toolbar';
import { Jobs, NAMES } from './work';

const ID = '@nbpipe/lab:plugin';

const plugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Checks, fixes, verifies and converts notebooks.',
  autoStart: true,
  requires: [INotebookTracker, IEditorExtensionRegistry],
  optional: [ICommandPalette, ISettingRegistry, IStatusBar, ILayoutRestorer, ILabShell, IToolbarWidgetRegistry],
  activate
};

function activate(
  app: JupyterFrontEnd,
  tracker: INotebookTracker,
  editors: IEditorExtensionRegistry,
  palette: ICommandPalette | null,
  registry: ISettingRegistry | null,
  statusBar: IStatusBar | null,
  restorer: ILayoutRestorer | null,
  shell: ILabShell | null,
  toolbars: IToolbarWidgetRegistry | null
): void {
  let settings: Settings = DEFAULTS;
  let capabilities: Capabilities | null = null;
  const server = new Server(app.serviceManager.serverSettings);
  const marks = new Marks();
  editors.addExtension({
    name: 'nbpipe:marks',
    factory: ({ model }) =>
      (model as { type?: string }).type === 'code'
        ? EditorExtensionRegistry.createImmutableExtension(marks.extension(model))
        : null
  });
  const sessions = new Sessions(tracker, server, marks, () => settings);
  const jobs = new Jobs(server);
  const panel = new Panel(sessions, jobs, app.commands, id => app.shell.activateById(id));
  app.shell.add(panel, 'right', { rank: 800, type: 'nbpipe' });
  restorer?.add(panel, panel.id);

  const show = (steps = false) => {
    app.shell.activateById(panel.id);
    if (steps) {
      requestAnimationFrame(() => panel.node.querySelector('.nbpipe-steps')?.scrollIntoView());
    }
  };
  const reveal = async (path: string) => {
    for (const command of ['filebrowser:refresh', 'filebrowser:go-to-path']) {
      if (app.commands.hasCommand(command)) {
        await app.commands.execute(command, { path, dontShowBrowser: false });
      }
    }
  };
  addCommands({
    commands: app.commands,
    tracker,
    server,
    sessions,
    jobs,
    capabilities: () => capabilities,
    show,
    reveal
  });
  toolbars?.addFactory('Notebook', 'nbpipe-menu', () => menuButton(app.commands));
  jobs.changed.connect((_, work) => {
    if (work.state !== 'running' && !panel.isVisible) {
      const tell = work.state === 'failed' ? Notification.error : Notification.info;
      tell(`nbpipe: ${NAMES[work.kind]} ${work.path.split('/').at(-1)}: ${work.state}`, {
        autoClose: 8000,
        actions: [{ label: 'Show', callback: () => show() }]
      });
    }
  });
  COMMANDS.forEach(command => palette?.addItem({ command, category: 'nbpipe' }));

  const draw = () => sessions.all.forEach(session => decorate(session, settings));
  sessions.changed.connect((_, session) => session && decorate(session, settings));
  tracker.activeCellChanged.connect(() => sessions.current && decorate(sessions.current, settings));
  statusBar?.registerStatusItem(`${ID}:status`, {
    item: new Status(sessions, () => show()),
    align: 'left',
    rank: 50,
    isActive: () => sessions.current !== null && (!shell || tracker.currentWidget === shell.currentWidget),
    activeStateChanged: sessions.anyChanged
  });

  void registry?.load(ID).then(loaded => {
    const read = () => {
      settings = { ...DEFAULTS, ...(loaded.composite as Partial<Settings>) };
      draw();
    };
    loaded.changed.connect(read);
    read();
  });
  void server.capabilities().then(
    found => {
      capabilities = found;
      app.commands.notifyCommandChanged();
      void jobs.resume();
    },
    error => console.warn('nbpipe: its server extension does not answer', error)
  );
}

export default plugin;
