// The commands about the pipeline that was made of a notebook: run it, with other parameters, and see its last run.
import { Dialog, InputDialog, showDialog } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';
import { Asked, Capabilities, Tracked } from './schema';
import { RunOptions, Server } from './server';
import { Session } from './session';

type Pipeline = Capabilities['pipelines'][number];

/** Give the pipeline to run, null where somebody thought better of it. */
export async function chosenPipeline(server: Server, session: Session): Promise<Pipeline | null> {
  const { pipelines } = await server.capabilities(session.path);
  if (!pipelines.length) {
    throw new Error('no pipeline was made of this notebook yet: convert it first');
  }
  let [pipeline] = pipelines;
  if (pipelines.length > 1) {
    const paths = pipelines.map(each => each.path);
    const answer = await InputDialog.getItem({ title: 'Which pipeline?', items: paths, okLabel: 'Choose' });
    if (!answer.button.accept) {
      return null;
    }
    pipeline = pipelines[paths.indexOf(answer.value ?? '')] ?? pipeline;
  }
  if (pipeline.problem) {
    const answer = await showDialog({
      title: 'Run a pipeline that is not in step?',
      body: `${pipeline.path.split('/').at(-1)} ${pipeline.problem}`,
      buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: 'Run' })]
    });
    if (!answer.button.accept) {
      return null;
    }
  }
  return pipeline;
}

/** Ask what a run is to be given; null where somebody thought better of it. */
export async function askedOptions(server: Server, pipeline: Pipeline): Promise<RunOptions | null> {
  const { parameters } = await server.parameters(pipeline.path);
  const answer = await showDialog({
    title: `Run ${pipeline.path.split('/').at(-1)} with`,
    body: new Form(parameters),
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label: 'Run' })]
  });
  return answer.button.accept ? answer.value : null;
}

type Parameter = Asked['parameters'][number];

/** One row a parameter, from what the notebook's parameters cell says; what is left as it is, is not given. */
class Form extends Widget implements Dialog.IBodyWidget<RunOptions> {
  constructor(private readonly asked: Parameter[]) {
    super();
    this.addClass('nbpipe-form');
    if (!asked.length) {
      this.node.append('This pipeline takes no parameters.');
    }
    asked.forEach(each => this.node.append(this.row(each)));
    const label = document.createElement('label');
    label.className = 'nbpipe-afresh';
    this._afresh.type = 'checkbox';
    label.append(this._afresh, ' Run all steps, also those whose results are known');
    this.node.append(label);
  }

  getValue(): RunOptions {
    const changed = this.asked.filter(each => (this._fields.get(each.name)?.value ?? '') !== (each.value ?? ''));
    const parameters = Object.fromEntries(changed.map(each => [each.name, this._fields.get(each.name)!.value]));
    return { parameters, afresh: this._afresh.checked };
  }

  private row(parameter: Parameter): HTMLElement {
    const row = document.createElement('label');
    const name = document.createElement('code');
    name.textContent = parameter.name;
    const type = document.createElement('span');
    type.textContent = parameter.type;
    const field = parameter.type === 'bool' ? chooser() : document.createElement('input');
    field.value = parameter.value ?? '';
    if (field instanceof HTMLInputElement && parameter.value === null) {
      field.placeholder = 'has no value yet';
    }
    field.name = parameter.name;
    this._fields.set(parameter.name, field);
    row.append(name, type, field);
    if (parameter.help) {
      const help = document.createElement('small');
      help.textContent = parameter.help;
      row.append(help);
    }
    return row;
  }

  private readonly _fields = new Map<string, HTMLInputElement | HTMLSelectElement>();
  private readonly _afresh = document.createElement('input');
}

function chooser(): HTMLSelectElement {
  const select = document.createElement('select');
  select.append(new Option('True'), new Option('False'));
  return select;
}

/** Open the last run that MLflow has of the pipelines made of a notebook, or say how to see it. */
export async function openMlflow(server: Server, session: Session): Promise<void> {
  const { pipelines } = await server.capabilities(session.path);
  const pipeline = pipelines.find(each => each.mlflow !== null);
  const tracked = pipeline?.mlflow;
  if (!pipeline || !tracked) {
    throw new Error(
      pipelines.length
        ? 'no run of this pipeline was recorded in MLflow yet: run the pipeline first'
        : 'no pipeline was made of this notebook yet: convert it first'
    );
  }
  if (/^https?:/.test(tracked.see)) {
    window.open(runAddress(tracked.see, tracked.run), '_blank', 'noopener');
    return;
  }
  await showDialog({
    title: `MLflow run ${tracked.run}`,
    body: viewing(server, pipeline.path, tracked),
    buttons: [Dialog.okButton({ label: 'Close' })]
  });
}

function runAddress(server: string, run: string): string {
  return `${server.replace(/\/$/, '')}/#/runs/${run}`;
}

/** How to see a run that is kept in a file: by a command; or here, where browser and server are on one machine. */
function viewing(server: Server, path: string, tracked: Tracked): Widget {
  const node = document.createElement('div');
  node.className = 'nbpipe-viewing';
  const text = document.createElement('p');
  text.textContent = 'The run is in a file, not on a server. To see it, type in a terminal:';
  const command = document.createElement('pre');
  command.textContent = tracked.see;
  node.append(text, command);
  if (['localhost', '127.0.0.1', '[::1]'].includes(location.hostname)) {
    const button = document.createElement('button');
    button.className = 'nbpipe-start-mlflow';
    button.textContent = 'Start MLflow Here';
    button.addEventListener('click', async () => {
      button.disabled = true;
      button.textContent = 'starting MLflow…';
      try {
        // A link, not a new window: browsers open none that nobody clicked for.
        const link = document.createElement('a');
        link.href = runAddress((await server.view(path)).address, tracked.run);
        link.target = '_blank';
        link.rel = 'noopener';
        link.textContent = 'Open the Run';
        button.replaceWith(link);
      } catch (error) {
        button.replaceWith(error instanceof Error ? error.message : String(error));
      }
    });
    node.append(button);
  }
  return new Widget({ node });
}
