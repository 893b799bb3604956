// What nbpipe knows of one open notebook: checked on save and, after a pause, while typing.
import { Notification } from '@jupyterlab/apputils';
import { Cell, ICellModel, ICodeCellModel } from '@jupyterlab/cells';
import { NotebookPanel } from '@jupyterlab/notebook';
import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';
import { applyFix, isApplicable } from './edits';
import { Marks, markOf } from './marks';
import { offsetOf } from './positions';
import { Checked, Diagnostic, Range, Structure } from './schema';
import { RefusedError, Server } from './server';

export interface Settings {
  checkOnSave: boolean;
  checkWhileTyping: boolean;
  delay: number;
  stepBar: boolean;
}

export const DEFAULTS: Settings = { checkOnSave: true, checkWhileTyping: true, delay: 150, stepBar: true };

/** No change waits longer than this for its check, in milliseconds: outputs may come without a pause. */
const LONGEST_WAIT = 3000;

export class Session implements IDisposable {
  constructor(
    readonly panel: NotebookPanel,
    private readonly server: Server,
    private readonly marks: Marks,
    private readonly settings: () => Settings
  ) {
    void panel.context.ready.then(() => {
      if (this.isDisposed) {
        return;
      }
      panel.context.model.contentChanged.connect(this.onChange, this);
      panel.context.model.stateChanged.connect(this.onChange, this);
      panel.context.saveState.connect(this.onSave, this);
      void this.check();
    });
    panel.disposed.connect(() => this.dispose());
  }

  checked: Checked | null = null;
  structure: Structure | null = null;
  problem = '';
  isDisposed = false;
  /** Milliseconds that the last check took, from asking to marks. */
  took = 0;

  /** Something that is known of the notebook has changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get path(): string {
    return this.panel.context.path;
  }

  get cells(): ICellModel[] {
    const cells = this.panel.context.model.cells;
    return Array.from({ length: cells.length }, (_, index) => cells.get(index));
  }

  /** What findings and fixes are about: whether it is the same tells whether they still hold. */
  state(): string {
    return JSON.stringify(this.cells.map(cell => [cell.id, cell.type, cell.sharedModel.getSource(), cell.metadata]));
  }

  text(): string {
    return JSON.stringify(this.panel.context.model.toJSON());
  }

  /** Check the notebook as it stands in the browser, saved or not. */
  async check(): Promise<void> {
    clearTimeout(this._timer);
    this._waiting = 0;
    this._abort?.abort();
    const abort = (this._abort = new AbortController());
    const cells = this.cells;
    const sources = cells.map(cell => cell.sharedModel.getSource());
    const state = this.state();
    const started = performance.now();
    try {
      const checked = await this.server.check(this.path, this.text(), abort.signal);
      if (abort.signal.aborted || this.isDisposed) {
        return;
      }
      this.checked = checked;
      this._state = state;
      this._ids = cells.map(cell => cell.id);
      this.problem = checked.failures.join('; ');
      this.mark(checked, cells, sources);
      this.took = performance.now() - started;
      this._changed.emit();
      await this.look(cells, abort.signal);
    } catch (error) {
      if (!abort.signal.aborted && !this.isDisposed) {
        this.problem = error instanceof RefusedError ? error.message : 'the server does not answer';
        this._changed.emit();
      }
    }
  }

  /** Make the fix of one finding, and check again. A fix for what is no longer there is not made. */
  fix(found: Diagnostic): void {
    if (this.state() !== this._state) {
      Notification.info('nbpipe: the notebook has changed since; it is being checked again', { autoClose: 4000 });
    } else if (isApplicable(found.fix)) {
      applyFix(this.panel.context.model, found.fix);
    }
    void this.check();
  }

  /** Go to a place: the cell becomes active, and the text there selected. */
  async jump(number: number, range: Range | null = null): Promise<void> {
    const notebook = this.panel.content;
    const index = notebook.widgets.findIndex(widget => widget.model.id === this._ids[number - 1]);
    const cell: Cell | undefined = notebook.widgets[index];
    if (!cell) {
      return;
    }
    notebook.activeCellIndex = index;
    await notebook.scrollToCell(cell, 'smart');
    await cell.ready;
    const editor = cell.editor;
    if (range && editor) {
      const source = cell.model.sharedModel.getSource();
      const from = offsetOf(source, range.start.line, range.start.column);
      const to = offsetOf(source, range.end.line, range.end.column);
      const [start, end] = [editor.getPositionAt(from), editor.getPositionAt(to)];
      if (start && end) {
        notebook.mode = 'edit';
        editor.focus();
        editor.setSelection({ start, end });
        editor.revealPosition(start);
      }
    } else {
      notebook.node.focus();
    }
  }

  dispose(): void {
    if (!this.isDisposed) {
      this.isDisposed = true;
      clearTimeout(this._timer);
      this._abort?.abort();
      Signal.clearData(this);
    }
  }

  /** Ask for steps, and for cells whose results are out of date; outputs say nothing about either. */
  private async look(cells: ICellModel[], signal: AbortSignal): Promise<void> {
    const notebook = this.panel.context.model.toJSON() as { cells: { outputs?: unknown[] }[] };
    const plain = { ...notebook, cells: notebook.cells.map(cell => ('outputs' in cell ? { ...cell, outputs: [] } : cell)) };
    const edited = cells.filter(cell => cell.type === 'code' && (cell as ICodeCellModel).isDirty).map(cell => cell.id);
    const structure = await this.server.structure(this.path, JSON.stringify(plain), edited, signal);
    if (!signal.aborted && !this.isDisposed) {
      this.structure = structure;
      this._changed.emit();
    }
  }

  /** Mark the cells that are still as they were when the check began; the others are checked again soon. */
  private mark(checked: Checked, cells: ICellModel[], sources: string[]): void {
    const byCell = new Map<number, Diagnostic[]>();
    for (const found of checked.diagnostics) {
      if (found.cell) {
        byCell.set(found.cell.number - 1, [...(byCell.get(found.cell.number - 1) ?? []), found]);
      }
    }
    cells.forEach((cell, index) => {
      if (cell.type === 'code' && cell.sharedModel.getSource() === sources[index]) {
        const found = byCell.get(index) ?? [];
        const drawn = found.map(each => markOf(each, sources[index], () => this.fix(each)));
        this.marks.set(
          cell,
          drawn.filter(mark => mark !== null)
        );
      }
    });
  }

  private onChange(): void {
    if (!this.settings().checkWhileTyping) {
      return;
    }
    const now = Date.now();
    this._waiting ||= now;
    clearTimeout(this._timer);
    // A notebook that takes long to check is checked less often.
    const delay = Math.max(this.settings().delay, this.took);
    this._timer = window.setTimeout(() => void this.check(), Math.min(delay, this._waiting + LONGEST_WAIT - now));
  }

  private onSave(_: unknown, state: string): void {
    if (state === 'completed' && this.settings().checkOnSave) {
      void this.check();
    }
  }

  private _state = '';
  private _ids: string[] = [];
  private _abort: AbortController | null = null;
  private _timer = 0;
  private _waiting = 0;
  private readonly _changed = new Signal<this, void>(this);
}
