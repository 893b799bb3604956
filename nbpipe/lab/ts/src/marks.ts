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

interface Editor {
  view: EditorView;
  gutter: Compartment;
  hasGutter: boolean;
}

export class Marks {
  /** Give what goes into each editor; the gutter is empty, and has no width, until the editor's cell gets marks. */
  extension(model: Model): Extension {
    const gutter = new Compartment();
    const marks = this;
    return [
      gutter.of([]),
      ViewPlugin.define(view => {
        const editor = { view, gutter, hasGutter: false };
        const editors = marks.editors.get(model) ?? new Set();
        marks.editors.set(model, editors.add(editor));
        queueMicrotask(() => marks.draw(model)); // an editor that is being made takes nothing
        return { destroy: () => editors.delete(editor) };
      })
    ];
  }

  /** Let a cell have these marks, and no others. */
  set(model: Model, found: Mark[]): void {
    this.wanted.set(model, found);
    this.draw(model);
  }

  private draw(model: Model): void {
    const found = this.wanted.get(model);
    if (!found) {
      return;
    }
    for (const editor of this.editors.get(model) ?? []) {
      const most = editor.view.state.doc.length;
      const fitting = found.map(mark => ({ ...mark, from: Math.min(mark.from, most), to: Math.min(mark.to, most) }));
      if (!editor.hasGutter && found.length) {
        editor.hasGutter = true;
        editor.view.dispatch({ effects: editor.gutter.reconfigure(lintGutter()) });
      }
      editor.view.dispatch(setDiagnostics(editor.view.state, fitting));
    }
  }

  /** The editors of each cell: as many as there are views of the notebook. */
  private readonly editors = new WeakMap<Model, Set<Editor>>();
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
