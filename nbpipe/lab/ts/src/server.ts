// Requests to the server's side; what it replies is typed by the schema that it is checked against.
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import {
  Asked,
  Capabilities,
  Checked,
  Converted,
  Event as JobEvent,
  Fixed,
  Followed,
  Ran,
  Running,
  Started,
  Structure,
  Suggested,
  Verified,
  Viewed
} from './schema';

export type JobKind = 'convert' | 'run' | 'verify';
export type Split = 'stages' | 'headings';
export type JobResult = Converted | Ran | Verified;

/** What a run of a pipeline is given: parameters as text, by name; whether known results are not to be used. */
export interface RunOptions {
  parameters?: Record<string, string>;
  afresh?: boolean;
}

export interface JobOptions extends RunOptions {
  /** The kernel that a notebook is run with. */
  kernel?: string;
}

const MOST_FAILURES = 20;
const RETRY_MILLISECONDS = 3000;

/** A request that the server refused, with the reason as its message. */
export class RefusedError extends Error {}

export class Server {
  constructor(private readonly settings: ServerConnection.ISettings) {}

  capabilities(path = ''): Promise<Capabilities> {
    return this.request('capabilities', path ? { path } : {});
  }

  check(path: string, notebook: string, signal?: AbortSignal): Promise<Checked> {
    return this.request('check', { path }, { method: 'POST', body: notebook, signal });
  }

  fix(path: string, notebook: string, unsafe: boolean): Promise<Fixed> {
    return this.request('fix', { path, unsafe: unsafe ? '1' : '0' }, { method: 'POST', body: notebook });
  }

  structure(path: string, notebook: string, edited: string[], signal?: AbortSignal): Promise<Structure> {
    // Longer addresses are refused by servers and proxies.
    const ids = edited.slice(0, 150).join(',');
    return this.request('structure', { path, edited: ids }, { method: 'POST', body: notebook, signal });
  }

  suggestTags(path: string, notebook: string, split: Split): Promise<Suggested> {
    return this.request('tags', { path, split }, { method: 'POST', body: notebook });
  }

  start(kind: JobKind | 'parameters' | 'view', path: string, options: JobOptions = {}): Promise<Started> {
    return this.request('jobs', {}, { method: 'POST', body: JSON.stringify({ kind, path, ...options }) });
  }

  /** The jobs that run, begun by whichever page. */
  running(): Promise<Running> {
    return this.request('jobs', {});
  }

  /** What runs of a pipeline may be given. */
  parameters(path: string): Promise<Asked> {
    return this.result('parameters', path) as Promise<Asked>;
  }

  /** The address of MLflow's pages about a pipeline's runs, on the machine of the Jupyter server. */
  view(path: string): Promise<Viewed> {
    return this.result('view', path) as Promise<Viewed>;
  }

  private async result(kind: 'parameters' | 'view', path: string): Promise<Asked | Viewed> {
    const last = await this.follow((await this.start(kind, path)).id, () => undefined);
    if (last.event === 'done' && last.result.kind === kind) {
      return last.result;
    }
    throw new RefusedError('message' in last ? last.message : 'the server does not say');
  }

  cancel(id: string): Promise<void> {
    return this.request(`jobs/${id}`, {}, { method: 'DELETE' });
  }

  /** Tell each event of a job as it happens; ends when the job does, with the last. */
  async follow(id: string, tell: (event: JobEvent) => void): Promise<JobEvent> {
    let last: JobEvent | undefined;
    let failures = 0;
    for (let after = 0; ; ) {
      let reply: Followed;
      try {
        reply = await this.request(`jobs/${id}`, { after: String(after) });
        failures = 0;
      } catch (error) {
        // A machine that slept, or a proxy that lost patience: the job goes on meanwhile.
        if (error instanceof RefusedError || ++failures > MOST_FAILURES) {
          throw error;
        }
        await new Promise(resolve => setTimeout(resolve, RETRY_MILLISECONDS));
        continue;
      }
      reply.events.forEach(tell);
      last = reply.events.at(-1) ?? last;
      after += reply.events.length;
      if (reply.ended && last) {
        return last;
      }
    }
  }

  private async request<T>(address: string, query: Record<string, string>, init: RequestInit = {}): Promise<T> {
    const url = URLExt.join(this.settings.baseUrl, 'nbpipe', address) + URLExt.objectToQueryString(query);
    const response = await ServerConnection.makeRequest(url, init, this.settings);
    if (response.status === 204) {
      return undefined as T;
    }
    const text = await response.text();
    if (!response.ok) {
      throw new RefusedError(messageOf(text) || `the server answered ${response.status} ${response.statusText}`);
    }
    return JSON.parse(text) as T;
  }
}

function messageOf(text: string): string {
  try {
    const { reason, message } = JSON.parse(text) as { reason?: string; message?: string };
    return reason || message || '';
  } catch {
    return '';
  }
}
