import { LabIcon } from '@jupyterlab/ui-components';

/** Two cells and what flows between them. */
export const icon = new LabIcon({
  name: 'nbpipe:icon',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="16">
  <g class="jp-icon3" fill="#616161">
    <path d="M3 3h11v7H3zM5 5v3h7V5zM10 14h11v7H10zM12 16v3h7v-3z" fill-rule="evenodd"/>
    <path d="M5 11h2v6h1v-2l2.5 3L8 21v-2H5z"/>
  </g>
</svg>`
});
