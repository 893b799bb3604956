// How many errors and warnings the notebook has, in the status bar.
import { ReactWidget, UseSignal } from '@jupyterlab/apputils';
import React from 'react';
import { Session } from './session';
import { Sessions } from './sessions';

export class Status extends ReactWidget {
  constructor(
    private readonly sessions: Sessions,
    private readonly open: () => void
  ) {
    super();
    this.addClass('nbpipe-status');
  }

  protected render(): JSX.Element {
    return (
      <UseSignal signal={this.sessions.changed}>
        {() => (
          <span
            className="jp-StatusBar-TextItem"
            title="nbpipe: show what was found"
            role="button"
            tabIndex={0}
            onClick={this.open}
          >
            {summary(this.sessions.current)}
          </span>
        )}
      </UseSignal>
    );
  }
}

export function summary(session: Session | null): string {
  if (!session?.checked) {
    return session?.problem ? 'nbpipe: not checked' : 'nbpipe';
  }
  const { errors, warnings } = session.checked.summary;
  const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;
  return `nbpipe: ${count(errors, 'error')}, ${count(warnings, 'warning')}`;
}
