// The steps of a notebook from top to bottom, with what flows between them.
import React from 'react';
import { COLOURS } from './decorate';
import { Structure } from './schema';

const BOX = { width: 116, height: 26, left: 8, gap: 34, top: 6 };
const LANE = 16;
const MOST = 30;

type Edge = Structure['edges'][number];

/** Draw the graph. Neighbours are joined by a straight arrow, others by an arc at the right; what goes up is wrong. */
export function StepGraph(props: { structure: Structure; jump: (cell: number) => void }): JSX.Element {
  const { steps, edges } = props.structure;
  const place = new Map(steps.map((step, index) => [step.name, index]));
  const drawn = edges.filter(edge => place.has(edge.from) && place.has(edge.to));
  const lanes = laneOf(drawn, place);
  const height = BOX.top * 2 + steps.length * BOX.height + (steps.length - 1) * BOX.gap;
  return (
    <svg className="nbpipe-graph" width="100%" height={height} role="img" aria-label="Graph of the steps">
      <defs>
        {['', '-wrong'].map(kind => (
          <marker
            key={kind}
            id={`nbpipe-arrow${kind}`}
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            orient="auto"
          >
            <path d="M0,0 L8,4 L0,8 z" className={kind ? 'nbpipe-arrow-wrong' : 'nbpipe-arrow'} />
          </marker>
        ))}
      </defs>
      {drawn.map((edge, index) => (
        <Arrow key={index} edge={edge} from={place.get(edge.from)!} to={place.get(edge.to)!} lane={lanes[index]} />
      ))}
      {steps.map((step, index) => (
        <g
          key={step.name}
          className="nbpipe-graph-step"
          data-step={step.name}
          transform={`translate(${BOX.left},${topOf(index)})`}
          onClick={() => props.jump(step.cells[0])}
        >
          <title>{`${step.title}: ${cellsOf(step.cells)}`}</title>
          <rect width={BOX.width} height={BOX.height} rx="4" style={{ stroke: `var(--nbpipe-step-${index % COLOURS})` }} />
          <text x={BOX.width / 2} y={BOX.height / 2 + 4} textAnchor="middle">
            {cut(step.title, 16)}
          </text>
        </g>
      ))}
    </svg>
  );
}

function Arrow(props: { edge: Edge; from: number; to: number; lane: number }): JSX.Element {
  const { edge, from, to, lane } = props;
  const isWrong = edge.late || from > to;
  const names = edge.names.join(', ') || 'runs after';
  const right = BOX.left + BOX.width;
  const straight = to - from === 1;
  const [start, end] = straight
    ? [topOf(from) + BOX.height, topOf(to) - 2]
    : [topOf(from) + BOX.height * 0.7, topOf(to) + BOX.height * 0.3];
  const out = right + 14 + lane * LANE;
  const path = straight
    ? `M${BOX.left + 30},${start} L${BOX.left + 30},${end}`
    : `M${right},${start} C${out},${start} ${out},${start} ${out},${start + Math.sign(end - start) * 12} ` +
      `L${out},${end - Math.sign(end - start) * 12} C${out},${end} ${out},${end} ${right + 2},${end}`;
  const label = straight ? { x: BOX.left + 38, y: (start + end) / 2 + 4 } : { x: out + 4, y: (start + end) / 2 + 4 };
  return (
    <g className={`nbpipe-graph-edge${isWrong ? ' nbpipe-mod-wrong' : ''}`} data-edge={`${edge.from}-${edge.to}`}>
      <title>{`${edge.from} → ${edge.to}: ${names}${isWrong ? ' (made only after it is used)' : ''}`}</title>
      <path d={path} markerEnd={`url(#nbpipe-arrow${isWrong ? '-wrong' : ''})`} />
      <text {...label}>{cut(names, straight ? MOST : 22)}</text>
    </g>
  );
}

/** Give each arc a lane of its own where it would run over another; short ones inside. */
function laneOf(edges: Edge[], place: Map<string, number>): number[] {
  const lanes = edges.map(() => 0);
  const spans = edges.map(edge => [place.get(edge.from)!, place.get(edge.to)!].sort((one, other) => one - other));
  const order = edges
    .map((_, index) => index)
    .filter(index => place.get(edges[index].to)! - place.get(edges[index].from)! !== 1)
    .sort((one, other) => spans[one][1] - spans[one][0] - (spans[other][1] - spans[other][0]));
  const taken: number[][][] = [];
  for (const index of order) {
    const [low, high] = spans[index];
    let lane = 0;
    while (taken[lane]?.some(([from, to]) => from < high && low < to)) {
      lane++;
    }
    (taken[lane] ??= []).push([low, high]);
    lanes[index] = lane;
  }
  return lanes;
}

function topOf(index: number): number {
  return BOX.top + index * (BOX.height + BOX.gap);
}

function cellsOf(cells: number[]): string {
  return cells.length === 1 ? `cell ${cells[0]}` : `cells ${cells.join(', ')}`;
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
