"use strict";(self.rspackChunk_nbpipe_lab=self.rspackChunk_nbpipe_lab||[]).push([[232],{475(e,p,r){var o=r(601),n=r.n(o),i=r(314),t=(r.n(i))()(n());t.push([e.id,`:root {
  --nbpipe-step-0: #1f77b4;
  --nbpipe-step-1: #e07b1a;
  --nbpipe-step-2: #2a9134;
  --nbpipe-step-3: #c33c54;
  --nbpipe-step-4: #7b5ea7;
  --nbpipe-step-5: #8c6d46;
  --nbpipe-step-6: #c45aa5;
  --nbpipe-step-7: #178f9e;
}

/* cells */

.jp-CellHeader:has(> .nbpipe-bar) {
  height: auto;
}

.nbpipe-bar {
  align-items: center;
  display: flex;
  gap: 6px;
  height: 20px;
  padding-left: calc(var(--jp-cell-prompt-width) + var(--jp-cell-collapser-width) + 2 * var(--jp-cell-padding));
}

.nbpipe-bar-role {
  background: none;
  border: none;
  border-radius: 2px;
  color: var(--nbpipe-step);
  cursor: pointer;
  font-size: var(--jp-ui-font-size0);
  font-weight: 600;
  max-width: 220px;
  padding: 0 2px;
}

.nbpipe-bar-role:hover,
.nbpipe-bar-role:focus-visible {
  background: var(--jp-layout-color2);
}

.nbpipe-bar-role option {
  background: var(--jp-layout-color1);
  color: var(--jp-ui-font-color1);
}

.nbpipe-bar-role.nbpipe-mod-unset,
.jp-Cell:not(.nbpipe-step) .nbpipe-bar-role {
  color: var(--jp-ui-font-color2);
  font-weight: 400;
}

.nbpipe-chip {
  border: 1px solid var(--jp-border-color1);
  border-radius: 8px;
  color: var(--jp-ui-font-color2);
  font-size: var(--jp-ui-font-size0);
  line-height: 14px;
  padding: 0 6px;
}

.nbpipe-chip.nbpipe-mod-stale {
  border-color: var(--jp-warn-color0);
  color: var(--jp-warn-color0);
}

.nbpipe-step .jp-InputArea-editor {
  border-left: 3px solid var(--nbpipe-step);
}

.nbpipe-stale .jp-OutputArea-output {
  opacity: 0.55;
}

.nbpipe-hover {
  font-family: var(--jp-ui-font-family);
  font-size: var(--jp-ui-font-size1);
  max-width: 520px;
  white-space: normal;
}

.nbpipe-hover a,
.nbpipe-line a {
  color: var(--jp-content-link-color);
}

.cm-tooltip.cm-tooltip-lint,
.cm-tooltip-hover {
  background: var(--jp-layout-color1);
  border: 1px solid var(--jp-border-color1);
  color: var(--jp-ui-font-color1);
  z-index: 200;
}

.cm-diagnosticAction {
  background: var(--jp-brand-color1);
  color: var(--jp-ui-inverse-font-color1);
}

/* the panel */

.nbpipe-panel {
  background: var(--jp-layout-color1);
  color: var(--jp-ui-font-color1);
  font-size: var(--jp-ui-font-size1);
  min-width: 260px;
  overflow: auto;
}

.nbpipe-buttons,
.nbpipe-filters {
  align-items: center;
  border-bottom: 1px solid var(--jp-border-color2);
  display: flex;
  flex-wrap: wrap;
  gap: 4px;
  padding: 6px 8px;
}

.nbpipe-button {
  background: var(--jp-layout-color2);
  border-radius: 3px;
  color: var(--jp-ui-font-color1);
  height: 22px;
  line-height: 22px;
  padding: 0 7px;
}

.nbpipe-button:disabled {
  opacity: 0.5;
}

.nbpipe-filter {
  background: none;
  border: 1px solid var(--jp-border-color1);
  border-radius: 10px;
  cursor: pointer;
  font-size: var(--jp-ui-font-size1);
  padding: 1px 8px;
}

.nbpipe-filter[aria-pressed='false'] {
  opacity: 0.4;
}

.nbpipe-filters select {
  background: var(--jp-layout-color1);
  border: 1px solid var(--jp-border-color1);
  color: var(--jp-ui-font-color1);
  flex: 1;
  font-size: var(--jp-ui-font-size1);
  min-width: 80px;
}

.nbpipe-filter.nbpipe-mod-error,
.nbpipe-mod-error > .nbpipe-sign {
  color: var(--jp-error-color1);
}

.nbpipe-filter.nbpipe-mod-warning,
.nbpipe-mod-warning > .nbpipe-sign {
  color: var(--jp-warn-color0);
}

.nbpipe-filter.nbpipe-mod-info,
.nbpipe-mod-info > .nbpipe-sign {
  color: var(--jp-info-color0);
}

.nbpipe-panel h3 {
  align-items: center;
  background: var(--jp-layout-color2);
  display: flex;
  font-size: var(--jp-ui-font-size1);
  font-weight: 600;
  gap: 8px;
  margin: 0;
  padding: 4px 8px;
}

.nbpipe-findings h3 {
  cursor: pointer;
}

.nbpipe-panel ul {
  list-style: none;
  margin: 0;
  padding: 0;
}

.nbpipe-finding {
  border-bottom: 1px solid var(--jp-border-color3);
  display: flex;
  gap: 6px;
  padding: 6px 8px;
}

.nbpipe-sign {
  flex: 0 0 14px;
}

.nbpipe-message,
.nbpipe-related,
.nbpipe-difference a {
  cursor: pointer;
}

.nbpipe-message:hover,
.nbpipe-related:hover,
.nbpipe-difference a:hover {
  text-decoration: underline;
}

.nbpipe-related,
.nbpipe-note {
  color: var(--jp-ui-font-color2);
}

.nbpipe-line {
  display: flex;
  flex-wrap: wrap;
  gap: 2px 8px;
  margin-top: 2px;
}

.nbpipe-fix,
.nbpipe-cancel,
.nbpipe-start-mlflow {
  background: none;
  border: 1px solid var(--jp-brand-color1);
  border-radius: 3px;
  color: var(--jp-brand-color1);
  cursor: pointer;
  font-size: var(--jp-ui-font-size1);
  text-align: left;
}

.nbpipe-fix::first-letter,
.cm-diagnosticAction::first-letter {
  text-transform: uppercase;
}

.nbpipe-empty {
  color: var(--jp-ui-font-color2);
  margin: 0;
  padding: 8px;
}

.nbpipe-problem {
  color: var(--jp-error-color1);
  margin: 0;
  padding: 4px 8px;
}

.nbpipe-work {
  border-bottom: 1px solid var(--jp-border-color2);
}

.nbpipe-work p,
.nbpipe-work table,
.nbpipe-work ul,
.nbpipe-difference {
  margin: 0;
  overflow-wrap: anywhere;
  padding: 4px 8px;
}

.nbpipe-work td {
  padding: 0 8px 0 0;
}

.nbpipe-progress {
  align-items: center;
  display: flex;
  gap: 8px;
  padding: 6px 8px;
}

.nbpipe-progress progress {
  width: 80px;
}

.nbpipe-progress span {
  flex: 1;
}

.nbpipe-verdict {
  font-weight: 600;
}

.nbpipe-verdict.nbpipe-mod-good {
  color: var(--jp-success-color1);
}

.nbpipe-verdict.nbpipe-mod-bad {
  color: var(--jp-error-color1);
}

.nbpipe-difference pre,
.nbpipe-diff {
  background: var(--jp-layout-color2);
  font-family: var(--jp-code-font-family);
  font-size: var(--jp-code-font-size);
  margin: 2px 0;
  overflow: auto;
  padding: 4px;
}

.nbpipe-diff {
  max-height: 50vh;
  min-width: 520px;
}

.nbpipe-added {
  color: var(--jp-success-color1);
}

.nbpipe-removed {
  color: var(--jp-error-color1);
}

.nbpipe-place {
  color: var(--jp-info-color1);
}

/* the graph */

.nbpipe-graph {
  overflow: auto;
}

.nbpipe-graph svg {
  display: block;
  margin: 0 auto;
}

.nbpipe-graph text {
  fill: var(--jp-ui-font-color1);
  font-family: var(--jp-ui-font-family);
  font-size: 13px;
}

.nbpipe-graph .sub,
.nbpipe-graph .edge text {
  fill: var(--jp-ui-font-color2);
  font-size: 11px;
}

.nbpipe-graph .edge text {
  paint-order: stroke;
  stroke: var(--jp-layout-color1);
  stroke-linejoin: round;
  stroke-width: 4px;
}

.nbpipe-graph .box {
  cursor: pointer;
  outline: none;
}

.nbpipe-graph .box rect {
  fill: var(--jp-layout-color1);
  stroke: var(--nbpipe-step);
  stroke-width: 2px;
}

.nbpipe-graph .box:hover rect,
.nbpipe-graph .box:focus-visible rect {
  fill: var(--jp-layout-color2);
}

.nbpipe-graph .edge path {
  fill: none;
  stroke: var(--jp-ui-font-color2);
  stroke-width: 1.3px;
}

.nbpipe-graph .edge path.tip {
  fill: var(--jp-ui-font-color2);
  stroke: none;
}

.nbpipe-graph .edge.order path:not(.tip) {
  stroke-dasharray: 5 4;
}

.nbpipe-graph .edge.nbpipe-mod-wrong path:not(.tip) {
  stroke: var(--jp-error-color1);
}

.nbpipe-graph .edge.nbpipe-mod-wrong text,
.nbpipe-graph .edge.nbpipe-mod-wrong path.tip {
  fill: var(--jp-error-color1);
}

/* the dialogs */

.nbpipe-viewing pre {
  background: var(--jp-layout-color2);
  overflow: auto;
  padding: 4px;
}

.nbpipe-viewing a {
  color: var(--jp-content-link-color);
}

.nbpipe-suggestions {
  max-height: 60vh;
  overflow: auto;
}

.nbpipe-suggestions ul {
  list-style: none;
  margin: 8px 0 0;
  padding: 0;
}

.nbpipe-suggestions li {
  padding: 2px 0;
}

.nbpipe-suggestions li span,
.nbpipe-form span,
.nbpipe-form small {
  color: var(--jp-ui-font-color2);
}

.nbpipe-form {
  display: grid;
  gap: 4px 12px;
  grid-template-columns: auto auto minmax(220px, 1fr);
  max-height: 60vh;
  overflow: auto;
}

.nbpipe-form label {
  align-items: center;
  display: grid;
  grid-column: 1 / -1;
  grid-template-columns: subgrid;
}

.nbpipe-form small {
  grid-column: 3;
}

.nbpipe-form input:not([type='checkbox']),
.nbpipe-form select,
.nbpipe-split {
  background: var(--jp-layout-color1);
  border: 1px solid var(--jp-border-color1);
  border-radius: 2px;
  color: var(--jp-ui-font-color1);
  font-family: var(--jp-code-font-family);
  padding: 2px 4px;
}

.nbpipe-form .nbpipe-afresh {
  display: block;
  margin-top: 8px;
}

/* the toolbar and the status bar */

.nbpipe-status {
  cursor: pointer;
}
`,""]),r.d(p,{},{A:t})},314(e){e.exports=function(e){var p=[];return p.toString=function(){return this.map(function(p){var r="",o=void 0!==p[5];return p[4]&&(r+="@supports (".concat(p[4],") {")),p[2]&&(r+="@media ".concat(p[2]," {")),o&&(r+="@layer".concat(p[5].length>0?" ".concat(p[5]):""," {")),r+=e(p),o&&(r+="}"),p[2]&&(r+="}"),p[4]&&(r+="}"),r}).join("")},p.i=function(e,r,o,n,i){"string"==typeof e&&(e=[[null,e,void 0]]);var t={};if(o)for(var a=0;a<this.length;a++){var l=this[a][0];null!=l&&(t[l]=!0)}for(var c=0;c<e.length;c++){var s=[].concat(e[c]);o&&t[s[0]]||(void 0!==i&&(void 0===s[5]||(s[1]="@layer".concat(s[5].length>0?" ".concat(s[5]):""," {").concat(s[1],"}")),s[5]=i),r&&(s[2]&&(s[1]="@media ".concat(s[2]," {").concat(s[1],"}")),s[2]=r),n&&(s[4]?(s[1]="@supports (".concat(s[4],") {").concat(s[1],"}"),s[4]=n):s[4]="".concat(n)),p.push(s))}},p}},601(e){e.exports=function(e){return e[1]}},72(e){var p=[];function r(e){for(var r=-1,o=0;o<p.length;o++)if(p[o].identifier===e){r=o;break}return r}function o(e,o){for(var n={},i=[],t=0;t<e.length;t++){var a=e[t],l=o.base?a[0]+o.base:a[0],c=n[l]||0,s="".concat(l," ").concat(c);n[l]=c+1;var d=r(s),b={css:a[1],media:a[2],sourceMap:a[3],supports:a[4],layer:a[5]};if(-1!==d)p[d].references++,p[d].updater(b);else{var u=function(e,p){var r=p.domAPI(p);return r.update(e),function(p){p?(p.css!==e.css||p.media!==e.media||p.sourceMap!==e.sourceMap||p.supports!==e.supports||p.layer!==e.layer)&&r.update(e=p):r.remove()}}(b,o);o.byIndex=t,p.splice(t,0,{identifier:s,updater:u,references:1})}i.push(s)}return i}e.exports=function(e,n){var i=o(e=e||[],n=n||{});return function(e){e=e||[];for(var t=0;t<i.length;t++){var a=r(i[t]);p[a].references--}for(var l=o(e,n),c=0;c<i.length;c++){var s=r(i[c]);0===p[s].references&&(p[s].updater(),p.splice(s,1))}i=l}}},659(e){var p={};e.exports=function(e,r){var o=function(e){if(void 0===p[e]){var r=document.querySelector(e);if(window.HTMLIFrameElement&&r instanceof window.HTMLIFrameElement)try{r=r.contentDocument.head}catch(e){r=null}p[e]=r}return p[e]}(e);if(!o)throw Error("Couldn't find a style target. This probably means that the value for the 'insert' parameter is invalid.");o.appendChild(r)}},540(e){e.exports=function(e){var p=document.createElement("style");return e.setAttributes(p,e.attributes),e.insert(p,e.options),p}},56(e,p,r){e.exports=function(e){var p=r.nc;p&&e.setAttribute("nonce",p)}},825(e){e.exports=function(e){if("u"<typeof document)return{update:function(){},remove:function(){}};var p=e.insertStyleElement(e);return{update:function(r){var o,n,i;o="",r.supports&&(o+="@supports (".concat(r.supports,") {")),r.media&&(o+="@media ".concat(r.media," {")),(n=void 0!==r.layer)&&(o+="@layer".concat(r.layer.length>0?" ".concat(r.layer):""," {")),o+=r.css,n&&(o+="}"),r.media&&(o+="}"),r.supports&&(o+="}"),(i=r.sourceMap)&&"u">typeof btoa&&(o+="\n/*# sourceMappingURL=data:application/json;base64,".concat(btoa(unescape(encodeURIComponent(JSON.stringify(i))))," */")),e.styleTagTransform(o,p,e.options)},remove:function(){var e;null===(e=p).parentNode||e.parentNode.removeChild(e)}}}},113(e){e.exports=function(e,p){if(p.styleSheet)p.styleSheet.cssText=e;else{for(;p.firstChild;)p.removeChild(p.firstChild);p.appendChild(document.createTextNode(e))}}},579(e,p,r){var o=r(72),n=r.n(o),i=r(825),t=r.n(i),a=r(659),l=r.n(a),c=r(56),s=r.n(c),d=r(540),b=r.n(d),u=r(113),f=r.n(u),g=r(475),v={};v.styleTagTransform=f(),v.setAttributes=s(),v.insert=l().bind(null,"head"),v.domAPI=t(),v.insertStyleElement=b(),n()(g.A,v),g.A&&g.A.locals&&g.A.locals}}]);