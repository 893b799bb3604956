// The sessions of all open notebooks, and which of them is the one that people look at.
import { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { ISignal, Signal } from '@lumino/signaling';
import { Marks } from './marks';
import { Server } from './server';
import { Session, Settings } from './session';

export class Sessions {
  constructor(
    private readonly tracker: INotebookTracker,
    server: Server,
    marks: Marks,
    settings: () => Settings
  ) {
    const add = (panel: NotebookPanel) => {
      const session = new Session(panel, server, marks, settings);
      this._sessions.set(panel, session);
      session.changed.connect(() => this._changed.emit(session));
      panel.disposed.connect(() => this._sessions.delete(panel));
      this._changed.emit(session);
    };
    tracker.forEach(add);
    tracker.widgetAdded.connect((_, panel) => add(panel));
    tracker.currentChanged.connect(() => this._changed.emit(this.current));
    this._changed.connect(() => this._anyChanged.emit());
  }

  /** Something is known anew, or another notebook is looked at. */
  get changed(): ISignal<this, Session | null> {
    return this._changed;
  }

  /** The same, for whom it tells nothing which. */
  get anyChanged(): ISignal<this, void> {
    return this._anyChanged;
  }

  get current(): Session | null {
    const panel = this.tracker.currentWidget;
    return (panel && this._sessions.get(panel)) ?? null;
  }

  get all(): Session[] {
    return [...this._sessions.values()];
  }

  private readonly _sessions = new Map<NotebookPanel, Session>();
  private readonly _changed = new Signal<this, Session | null>(this);
  private readonly _anyChanged = new Signal<this, void>(this);
}
