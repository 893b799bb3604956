// Makes fixes in an open notebook, cell by cell, so that the kernel, outputs, the cursor and undo stay.
import { ICodeCellModel } from '@jupyterlab/cells';
import { INotebookModel } from '@jupyterlab/notebook';
import { Diagnostic, Edit, Fix, Fixed } from './schema';
import { offsetsOf } from './positions';

type FixedCell = Fixed['cells'][number];
type Metadata = Record<string, unknown>;

/** Bring a notebook into the state that the server describes, as one step of undo. */
export function applyFixed(model: INotebookModel, cells: FixedCell[], metadata: Metadata | null = null): void {
  const shared = model.sharedModel;
  shared.transact(() => {
    arrange(model, cells);
    cells.forEach((cell, index) => change(model, cell, index));
    if (metadata) {
      shared.setMetadata(metadata as any);
    }
  });
  // Outputs have a model of their own, beside the shared one.
  cells.forEach((cell, index) => {
    const present = model.cells.get(index);
    if (present.type === 'code' && cell.clear_outputs) {
      (present as ICodeCellModel).outputs.clear();
    }
    if (present.type === 'code' && cell.clear_count) {
      (present as ICodeCellModel).executionCount = null;
    }
  });
}

/** Insert, delete and move cells until they stand as wanted. */
function arrange(model: INotebookModel, cells: FixedCell[]): void {
  const shared = model.sharedModel;
  const kept = new Set(cells.map(cell => cell.origin));
  const now: (number | null)[] = Array.from({ length: shared.cells.length }, (_, index) => index);
  for (let index = now.length - 1; index >= 0; index--) {
    if (!kept.has(now[index])) {
      shared.deleteCell(index);
      now.splice(index, 1);
    }
  }
  cells.forEach((cell, index) => {
    if (cell.origin === null) {
      const { cell_type, source, metadata } = cell;
      shared.insertCell(index, { cell_type, source: source ?? '', metadata: metadata ?? {} } as any);
      now.splice(index, 0, null);
      return;
    }
    const at = now.indexOf(cell.origin, index);
    if (at !== index) {
      shared.moveCell(at, index);
      now.splice(index, 0, ...now.splice(at, 1));
    }
  });
}

function change(model: INotebookModel, cell: FixedCell, index: number): void {
  if (cell.origin === null) {
    return;
  }
  const shared = model.sharedModel.cells[index];
  if (cell.source !== null) {
    replace(shared, cell.source);
  }
  if (cell.metadata !== null) {
    shared.setMetadata(cell.metadata as any);
  }
}

/** Replace only what differs, so that the cursor stays where it is. */
function replace(
  shared: { getSource(): string; updateSource(start: number, end: number, value?: string): void },
  source: string
): void {
  const before = shared.getSource();
  const most = Math.min(before.length, source.length);
  let start = 0;
  while (start < most && before[start] === source[start]) {
    start++;
  }
  let end = 0;
  while (end < most - start && before[before.length - 1 - end] === source[source.length - 1 - end]) {
    end++;
  }
  if (start < before.length - end || start < source.length - end) {
    shared.updateSource(start, before.length - end, source.slice(start, source.length - end));
  }
}

/** Whether a fix can be made here: display-only fixes are advice, and the editor's format is always the newest. */
export function isApplicable(fix: Diagnostic['fix']): fix is Fix {
  return (
    fix !== null && fix.applicability !== 'display-only' && fix.edits.every(edit => edit.kind !== 'convert-format')
  );
}

/** Make the fix of one finding. The numbers of its edits are those of the cells as they were checked. */
export function applyFix(model: INotebookModel, fix: Fix): void {
  const sources = Array.from({ length: model.cells.length }, (_, index) => model.cells.get(index));
  const unchanged = (origin: number): FixedCell => ({
    origin,
    cell_type: sources[origin].type,
    source: null,
    metadata: null,
    clear_outputs: false,
    clear_count: false
  });
  const old = sources.map((_, index) => unchanged(index));
  let metadata: Metadata | null = null;
  for (const edit of textEditsLastFirst(fix.edits)) {
    const cell = old[edit.cell.number - 1];
    const source = cell.source ?? sources[edit.cell.number - 1].sharedModel.getSource();
    const { from, to } = offsetsOf(source, edit.range);
    cell.source = source.slice(0, from) + edit.content + source.slice(to);
  }
  for (const edit of fix.edits) {
    if (edit.kind === 'set-field') {
      const cell = edit.cell && old[edit.cell.number - 1];
      if (cell) {
        cell.metadata = edit.field === 'metadata' ? (edit.value as Metadata) : cell.metadata;
        cell.clear_outputs ||= edit.field === 'outputs' && Array.isArray(edit.value) && edit.value.length === 0;
        cell.clear_count ||= edit.field === 'execution_count' && edit.value === null;
      } else if (edit.field === 'metadata') {
        metadata = edit.value as Metadata;
      }
    }
  }
  applyFixed(model, arranged(old, fix.edits), metadata);
}

type TextEdit = Extract<Edit, { kind: 'text' }>;

function textEditsLastFirst(edits: Edit[]): TextEdit[] {
  const places = (edit: TextEdit) => [edit.cell.number, edit.range.start.line, edit.range.start.column];
  return edits
    .filter((edit): edit is TextEdit => edit.kind === 'text')
    .sort((one, other) => {
      const [first, second] = [places(one), places(other)];
      const at = first.findIndex((value, index) => value !== second[index]);
      return at < 0 ? 0 : second[at] - first[at];
    });
}

/** Give the cells in the order that whole-cell edits ask for; `after` counts the old cells from 1, 0 is the top. */
function arranged(old: FixedCell[], edits: Edit[]): FixedCell[] {
  const gone = new Set<number>();
  const deleted = new Set<number>();
  for (const edit of edits) {
    if (edit.kind === 'delete-cell' || edit.kind === 'move-cell') {
      gone.add(edit.cell.number);
    }
    if (edit.kind === 'delete-cell') {
      deleted.add(edit.cell.number);
    }
  }
  const order: FixedCell[] = [];
  for (let number = 0; number <= old.length; number++) {
    if (number > 0 && !gone.has(number)) {
      order.push(old[number - 1]);
    }
    for (const edit of edits) {
      if (edit.kind === 'insert-cell' && edit.after === number) {
        order.push({
          origin: null,
          cell_type: edit.cell_type,
          source: edit.content,
          metadata: edit.tags.length ? { tags: edit.tags } : {},
          clear_outputs: false,
          clear_count: false
        });
      } else if (edit.kind === 'move-cell' && edit.after === number && !deleted.has(edit.cell.number)) {
        order.push(old[edit.cell.number - 1]);
      }
    }
  }
  return order;
}
