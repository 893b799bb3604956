// What runs in the background for a notebook: one job at a time, shown in the panel, cancellable.
import { ISignal, Signal } from '@lumino/signaling';
import { JobKind, JobOptions, JobResult, Server } from './server';

/** What each kind of job is called while it runs. */
export const NAMES: Record<JobKind, string> = { verify: 'Verifying', convert: 'Converting', run: 'Running' };

export interface Work {
  kind: JobKind;
  path: string;
  /** Parameters that a pipeline was given. */
  given: Record<string, string>;
  text: string;
  done: number;
  total: number;
  notes: string[];
  state: 'running' | 'done' | 'failed' | 'cancelled';
  message: string;
  result: JobResult | null;
}

export class Jobs {
  constructor(private readonly server: Server) {}

  /** The job that runs, or the last one. */
  current: Work | null = null;

  get changed(): ISignal<this, Work> {
    return this._changed;
  }

  get isRunning(): boolean {
    return this.current?.state === 'running';
  }

  /** Begin a job and follow it to its end; gives the result, null where there is none. */
  run(kind: JobKind, path: string, options: JobOptions = {}): Promise<JobResult | null> {
    const begin = async () => (await this.server.start(kind, path, options)).id;
    return this.follow(kind, path, begin, options.parameters);
  }

  /** Follow the job that was begun last and still runs: by this page before it was loaded anew, or by another. */
  async resume(): Promise<void> {
    const last = (await this.server.running()).jobs.filter(each => each.kind in NAMES).at(-1);
    if (last && !this.current) {
      await this.follow(last.kind as JobKind, last.path, async () => last.id);
    }
  }

  async cancel(): Promise<void> {
    if (this._id && this.isRunning) {
      await this.server.cancel(this._id);
    }
  }

  private async follow(
    kind: JobKind,
    path: string,
    begin: () => Promise<string>,
    given: Record<string, string> = {}
  ): Promise<JobResult | null> {
    const work: Work = {
      kind,
      path,
      given,
      text: 'starting',
      done: 0,
      total: 0,
      notes: [],
      state: 'running',
      message: '',
      result: null
    };
    this.current = work;
    this._changed.emit(work);
    try {
      this._id = await begin();
      await this.server.follow(this._id, event => {
        if (event.event === 'progress') {
          Object.assign(work, { text: event.text, done: event.done, total: event.total });
        } else if (event.event === 'note') {
          work.notes = [...work.notes, event.message];
        } else if (event.event === 'done') {
          Object.assign(work, { state: 'done', result: event.result, text: '' });
        } else {
          Object.assign(work, { state: event.event, message: event.message });
        }
        this._changed.emit(work);
      });
    } catch (error) {
      Object.assign(work, { state: 'failed', message: error instanceof Error ? error.message : String(error) });
      this._changed.emit(work);
    }
    this._id = '';
    return work.result;
  }

  private _id = '';
  private readonly _changed = new Signal<this, Work>(this);
}
