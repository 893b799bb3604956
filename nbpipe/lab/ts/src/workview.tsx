// How a job goes, and what it gave.
import React from 'react';
import { Converted, Ran, Verified } from './schema';
import { NAMES, Work } from './work';

type Jump = (cell: number) => void;

/** Show a job; `jump` goes to a cell of its notebook, and is null where that is not open. */
export function WorkView(props: { work: Work; cancel: () => void; jump: Jump | null }): JSX.Element {
  const { work, cancel, jump } = props;
  const name = work.path.split('/').at(-1);
  return (
    <section className={`nbpipe-work nbpipe-mod-${work.state}`} data-kind={work.kind} data-state={work.state}>
      <h3>
        {NAMES[work.kind]} {name}
        {work.state !== 'running' && `: ${work.state}`}
      </h3>
      {Object.keys(work.given).length > 0 && (
        <p>
          with{' '}
          <code>
            {Object.entries(work.given)
              .map(([key, value]) => `${key} = ${value}`)
              .join(', ')}
          </code>
        </p>
      )}
      {work.state === 'running' && (
        <div className="nbpipe-progress">
          <progress max={work.total || undefined} value={work.total ? work.done : undefined} />
          <span>{work.text}</span>
          <button className="nbpipe-cancel" onClick={cancel}>
            Cancel
          </button>
        </div>
      )}
      {work.message && (
        <p className={work.state === 'failed' ? 'nbpipe-problem' : ''} role="status">
          {work.message}
        </p>
      )}
      {work.result?.kind === 'verify' && <VerifiedView result={work.result} jump={jump} />}
      {work.result?.kind === 'convert' && <ConvertedView result={work.result} />}
      {work.result?.kind === 'run' && <RanView result={work.result} />}
      {work.notes.map((note, index) => (
        <p key={index} className="nbpipe-note">
          {note}
        </p>
      ))}
    </section>
  );
}

function VerifiedView({ result, jump }: { result: Verified; jump: Jump | null }): JSX.Element {
  const bad = result.cells.filter(cell => !['identical', 'equivalent', 'skipped', 'not run'].includes(cell.outcome));
  return (
    <>
      <p className={`nbpipe-verdict nbpipe-mod-${result.good ? 'good' : 'bad'}`}>
        {result.verdict}
        {result.reason && `${result.verdict === 'reproducible but for' ? ' ' : ': '}${result.reason}`}
      </p>
      {bad.slice(0, 10).map(cell => (
        <div key={cell.number} className="nbpipe-difference">
          {jump ? (
            <a role="button" tabIndex={0} onClick={() => jump(cell.number)}>
              Cell {cell.number}: {cell.outcome}
            </a>
          ) : (
            `Cell ${cell.number}: ${cell.outcome}`
          )}
          {cell.difference && <pre>{cell.difference}</pre>}
        </div>
      ))}
      {!result.good && result.note && <p className="nbpipe-note">{result.note}</p>}
    </>
  );
}

function ConvertedView({ result }: { result: Converted }): JSX.Element {
  return (
    <>
      {result.proof && <p className="nbpipe-verdict nbpipe-mod-good">{result.proof}</p>}
      <p>
        wrote {result.folder} ({result.files.length} files)
      </p>
      <ul className="nbpipe-signatures">
        {result.steps.map(step => (
          <li key={step.name}>
            <code>
              {step.name}({step.inputs.join(', ')}) → {step.outputs.join(', ') || 'nothing'}
            </code>
          </li>
        ))}
      </ul>
      {result.notes.map((note, index) => (
        <p key={index} className="nbpipe-note">
          {note}
        </p>
      ))}
    </>
  );
}

function RanView({ result }: { result: Ran }): JSX.Element {
  return (
    <>
      <p className={`nbpipe-verdict nbpipe-mod-${result.problem ? 'bad' : 'good'}`}>
        {result.status} in {result.seconds.toFixed(1)} s{result.problem && `: ${result.problem}`}
      </p>
      <table>
        <tbody>
          {result.steps.map(step => (
            <tr key={step.name}>
              <td>{step.name}</td>
              <td>{step.status}</td>
              <td>{step.seconds === null ? '' : `${step.seconds.toFixed(2)} s`}</td>
              <td>
                {Object.entries(step.metrics)
                  .map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`)
                  .join(', ')}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
