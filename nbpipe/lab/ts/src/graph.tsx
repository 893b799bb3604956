// The graph of a notebook's steps, as the server draws it (the same drawing as `nbpipe graph`).
import React, { useEffect, useRef } from 'react';
import { COLOURS } from './decorate';
import { Structure } from './schema';

/** Show the graph: steps in their colours, what goes up in red; a click on a step goes to its first cell. */
export function StepGraph({ structure, jump }: { structure: Structure; jump: (cell: number) => void }): JSX.Element {
  const node = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (node.current) {
      node.current.replaceChildren(drawn(structure, jump));
    }
  }, [structure]);
  return <div className="nbpipe-graph" ref={node} />;
}

function drawn({ drawing, steps, edges }: Structure, jump: (cell: number) => void): Element {
  // Parsed as XML, not as a page: nothing in it runs.
  const parsed = new DOMParser().parseFromString(drawing, 'image/svg+xml').documentElement;
  const svg = document.importNode(parsed, true);
  svg.setAttribute('aria-label', 'Graph of the steps');
  svg.querySelector(':scope > title')?.remove(); // which would be the tooltip of all that has none
  const places = new Map(steps.map((step, index) => [step.name, index]));
  for (const box of svg.querySelectorAll<SVGGElement>('[data-key]')) {
    const index = places.get(box.dataset.key ?? '') ?? 0;
    box.style.setProperty('--nbpipe-step', `var(--nbpipe-step-${index % COLOURS})`);
    const go = () => jump(steps[index].cells[0]);
    box.setAttribute('role', 'button');
    box.setAttribute('tabindex', '0');
    box.addEventListener('click', go);
    box.addEventListener('keydown', event => event.key === 'Enter' && go());
  }
  const shown = svg.querySelectorAll<SVGGElement>('[data-source]');
  edges.forEach((edge, index) => {
    const isWrong = edge.late || (places.get(edge.from) ?? 0) > (places.get(edge.to) ?? 0);
    shown[index]?.classList.toggle('nbpipe-mod-wrong', isWrong);
  });
  return svg;
}
