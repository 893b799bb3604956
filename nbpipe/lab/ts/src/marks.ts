// Squiggles and gutter marks in the editors of code cells. Editors are made and dropped while the notebook scrolls:
// each takes its marks when it is made.
import { Action, Diagnostic as Mark, lintGutter, setDiagnostics } from '@codemirror/lint';
import { Compartment, Extension } from '@codemirror/state';
import { EditorView, ViewPlugin } from '@codemirror/view';
import { CodeEditor } from '@jupyterlab/codeeditor';
import { isApplicable } from './edits';
import { offsetsOf } from './positions';
import { Diagnostic } from './schema';

type Model = CodeEditor.IModel;

export class Marks {
  /** Give what goes into each editor; the gutter is empty, and has no width, until the editor's cell gets marks. */
  extension(model: Model): Extension {
    const gutter = new Compartment();
    const marks = this;
    return [
      gutter.of([]),
      ViewPlugin.define(view => {
        marks.views.set(model, { view, gutter, hasGutter: false });
        queueMicrotask(() => marks.draw(model));
        return { destroy: () => marks.forget(model, view) };
      })
    ];
  }

  /** Let a cell have these marks, and no others. */
  set(model: Model, found: Mark[]): void {
    this.wanted.set(model, found);
    this.draw(model);
  }

  private draw(model: Model): void {
    const editor = this.views.get(model);
    const found = this.wanted.get(model);
    if (!editor || !found) {
      return;
    }
    const most = editor.view.state.doc.length;
    const fitting = found.map(mark => ({ ...mark, from: Math.min(mark.from, most), to: Math.min(mark.to, most) }));
    if (!editor.hasGutter && found.length) {
      editor.hasGutter = true;
      editor.view.dispatch({ effects: editor.gutter.reconfigure(lintGutter()) });
    }
    editor.view.dispatch(setDiagnostics(editor.view.state, fitting));
  }

  private forget(model: Model, view: EditorView): void {
    if (this.views.get(model)?.view === view) {
      this.views.delete(model);
    }
  }

  private readonly views = new Map<Model, { view: EditorView; gutter: Compartment; hasGutter: boolean }>();
  private readonly wanted = new WeakMap<Model, Mark[]>();
}

/** Give the mark of a finding in a cell's source. */
export function markOf(found: Diagnostic, source: string, fix: () => void): Mark | null {
  if (!found.range) {
    return null;
  }
  const { from, to } = offsetsOf(source, found.range);
  const actions: Action[] = isApplicable(found.fix)
    ? [{ name: found.fix.applicability === 'unsafe' ? `${found.fix.title} (unsafe)` : found.fix.title, apply: fix }]
    : [];
  return {
    from,
    to,
    severity: found.severity,
    source: 'nbpipe',
    message: found.message,
    actions,
    renderMessage: () => message(found)
  };
}

function message(found: Diagnostic): HTMLElement {
  const node = document.createElement('div');
  node.className = 'nbpipe-hover';
  const text = document.createElement('span');
  text.textContent = found.message;
  const link = document.createElement('a');
  link.href = found.url;
  link.target = '_blank';
  link.rel = 'noopener';
  link.textContent = `${found.code} ${found.rule}`;
  node.append(text, ' ', link);
  for (const other of found.related) {
    const line = document.createElement('div');
    line.textContent = `cell ${other.cell.number}: ${other.message}`;
    node.append(line);
  }
  return node;
}
