// The server counts characters (code points) from 1; editors count UTF-16 units from 0.
import { Range } from './schema';

/** Give the offset in a text of a line and a column, both from 1; what lies outside is drawn to the nearest place. */
export function offsetOf(text: string, line: number, column: number): number {
  const lines = text.split('\n');
  if (line > lines.length) {
    return text.length;
  }
  const before = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  return before + [...lines[line - 1]].slice(0, column - 1).join('').length;
}

export function offsetsOf(text: string, range: Range): { from: number; to: number } {
  const from = offsetOf(text, range.start.line, range.start.column);
  return { from, to: Math.max(from, offsetOf(text, range.end.line, range.end.column)) };
}
