// The panel at the right: findings by cell, what is running or ran, and the steps.
import { ReactWidget, UseSignal } from '@jupyterlab/apputils';
import { CommandRegistry } from '@lumino/commands';
import React, { useState } from 'react';
import { isApplicable } from './edits';
import { StepGraph } from './graph';
import { icon } from './icon';
import { Diagnostic } from './schema';
import { Session } from './session';
import { Sessions } from './sessions';
import { Jobs } from './work';
import { WorkView } from './workview';

type Severity = Diagnostic['severity'];

const SEVERITIES: Severity[] = ['error', 'warning', 'info'];
const SIGNS: Record<Severity, string> = { error: '✖', warning: '▲', info: 'ℹ' };

export class Panel extends ReactWidget {
  constructor(
    private readonly sessions: Sessions,
    private readonly jobs: Jobs,
    private readonly commands: CommandRegistry,
    private readonly bringUp: (id: string) => void
  ) {
    super();
    this.id = 'nbpipe-panel';
    this.title.icon = icon;
    this.title.caption = 'nbpipe: findings, steps and runs';
    this.addClass('nbpipe-panel');
  }

  /** Give what goes to a cell of the notebook that the last job is about, null where that is not open. */
  private jump(): ((cell: number) => void) | null {
    const session = this.sessions.all.find(each => each.path === this.jobs.current?.path);
    return session
      ? cell => {
          this.bringUp(session.panel.id);
          void session.jump(cell);
        }
      : null;
  }

  protected render(): JSX.Element {
    return (
      <UseSignal signal={this.sessions.changed}>
        {() => (
          <UseSignal signal={this.jobs.changed}>
            {() => (
              <Content session={this.sessions.current} jobs={this.jobs} commands={this.commands} jump={this.jump()} />
            )}
          </UseSignal>
        )}
      </UseSignal>
    );
  }
}

interface ContentProps {
  jump: ((cell: number) => void) | null;
  session: Session | null;
  jobs: Jobs;
  commands: CommandRegistry;
}

function Content({ session, jobs, commands, jump }: ContentProps): JSX.Element {
  const [hidden, setHidden] = useState<readonly Severity[]>([]);
  const [rule, setRule] = useState('');
  if (!session) {
    return <p className="nbpipe-empty">Open a notebook to check it.</p>;
  }
  const found = session.checked?.diagnostics ?? [];
  const rules = [...new Set(found.map(each => each.rule))].sort();
  const wanted = rules.includes(rule) ? rule : '';
  const shown = found.filter(each => !hidden.includes(each.severity) && (!wanted || each.rule === wanted));
  const toggle = (severity: Severity) =>
    setHidden(hidden.includes(severity) ? hidden.filter(each => each !== severity) : [...hidden, severity]);
  return (
    <>
      <div className="nbpipe-buttons">
        {['nbpipe:check', 'nbpipe:fix', 'nbpipe:verify', 'nbpipe:convert'].map(id => (
          <CommandButton key={id} id={id} commands={commands} />
        ))}
      </div>
      {session.problem && (
        <p className="nbpipe-problem" role="alert">
          {session.problem}
        </p>
      )}
      {jobs.current && <WorkView work={jobs.current} cancel={() => void jobs.cancel()} jump={jump} />}
      <div className="nbpipe-filters">
        {SEVERITIES.map(severity => (
          <button
            key={severity}
            className={`nbpipe-filter nbpipe-mod-${severity}`}
            aria-pressed={!hidden.includes(severity)}
            title={`Show or hide findings of severity ${severity}`}
            onClick={() => toggle(severity)}
          >
            {SIGNS[severity]} {found.filter(each => each.severity === severity).length}
          </button>
        ))}
        <select value={wanted} aria-label="Rule" onChange={event => setRule(event.target.value)}>
          <option value="">all rules</option>
          {rules.map(name => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </div>
      <Findings session={session} shown={shown} all={found.length} />
      <Steps session={session} />
    </>
  );
}

function CommandButton({ id, commands }: { id: string; commands: CommandRegistry }): JSX.Element | null {
  return commands.isVisible(id) ? (
    <button
      className="jp-Button nbpipe-button"
      disabled={!commands.isEnabled(id)}
      title={commands.caption(id)}
      onClick={() => void commands.execute(id)}
    >
      {commands.label(id, { short: true })}
    </button>
  ) : null;
}

function Findings(props: { session: Session; shown: Diagnostic[]; all: number }): JSX.Element {
  const { session, shown, all } = props;
  if (!shown.length) {
    const text = !session.checked ? 'Not checked yet.' : all ? 'All findings are filtered out.' : 'Nothing found.';
    return <p className="nbpipe-empty">{text}</p>;
  }
  const stale = new Map(session.structure?.stale.map(each => [each.cell, each.reason]) ?? []);
  const groups = new Map<number, Diagnostic[]>();
  for (const each of shown) {
    const number = each.cell?.number ?? 0;
    groups.set(number, [...(groups.get(number) ?? []), each]);
  }
  return (
    <div className="nbpipe-findings">
      {[...groups].map(([number, group]) => (
        <section key={number} data-cell={number}>
          <h3 onClick={() => void session.jump(number)}>
            {number ? `Cell ${number}` : 'Notebook'}
            {group[0].cell?.execution_count ? ` In [${group[0].cell.execution_count}]` : ''}
            {stale.has(number) && (
              <span className="nbpipe-chip nbpipe-mod-stale" title={`This cell ${stale.get(number)}`}>
                stale
              </span>
            )}
          </h3>
          <ul>
            {group.map((each, index) => (
              <Finding key={index} found={each} session={session} />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function Finding({ found, session }: { found: Diagnostic; session: Session }): JSX.Element {
  const jump = () => found.cell && void session.jump(found.cell.number, found.range);
  return (
    <li className={`nbpipe-finding nbpipe-mod-${found.severity}`} data-rule={found.rule}>
      <span className="nbpipe-sign" title={found.severity}>
        {SIGNS[found.severity]}
      </span>
      <div>
        <span
          className="nbpipe-message"
          role="button"
          tabIndex={0}
          onClick={jump}
          onKeyDown={event => event.key === 'Enter' && jump()}
        >
          {found.message}
        </span>
        {found.related.map((other, index) => (
          <div
            key={index}
            className="nbpipe-related"
            role="button"
            tabIndex={0}
            onClick={() => void session.jump(other.cell.number, other.range)}
          >
            cell {other.cell.number}: {other.message}
          </div>
        ))}
        <div className="nbpipe-line">
          <a href={found.url} target="_blank" rel="noopener noreferrer">
            {found.code} {found.rule}
          </a>
          {isApplicable(found.fix) && (
            <button
              className="nbpipe-fix"
              title={found.fix.applicability === 'unsafe' ? 'May change what the notebook does; can be undone' : 'Safe'}
              onClick={() => session.fix(found)}
            >
              {found.fix.title}
              {found.fix.applicability === 'unsafe' ? ' (unsafe)' : ''}
            </button>
          )}
        </div>
      </div>
    </li>
  );
}

function Steps({ session }: { session: Session }): JSX.Element | null {
  const structure = session.structure;
  if (!structure) {
    return null;
  }
  const wrong = (session.checked?.diagnostics ?? []).filter(each => each.code.startsWith('NB7'));
  return (
    <section className="nbpipe-steps">
      <h3>Steps</h3>
      {structure.steps.length ? (
        <StepGraph structure={structure} jump={cell => void session.jump(cell)} />
      ) : (
        <p className="nbpipe-empty">
          No cell has a step. Choose one in the bar above a cell, and the cells become a pipeline.
        </p>
      )}
      {structure.problems.map((each, index) => (
        <p key={index} className="nbpipe-problem" onClick={() => void session.jump(each.cell)}>
          Cell {each.cell}: {each.message}
        </p>
      ))}
      {wrong.length > 0 && (
        <ul>
          {wrong.map((each, index) => (
            <Finding key={index} found={each} session={session} />
          ))}
        </ul>
      )}
    </section>
  );
}
