"use strict";(self.rspackChunk_nbpipe_lab=self.rspackChunk_nbpipe_lab||[]).push([[232],{475(e,r,o){var p=o(601),n=o.n(p),i=o(314),t=(o.n(i))()(n());t.push([e.id,`:root {
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
.nbpipe-cancel {
  background: none;
  border: 1px solid var(--jp-brand-color1);
  border-radius: 3px;
  color: var(--jp-brand-color1);
  cursor: pointer;
  font-size: var(--jp-ui-font-size1);
  text-align: left;
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
  display: block;
  overflow: visible;
}

.nbpipe-graph-step {
  cursor: pointer;
}

.nbpipe-graph-step rect {
  fill: var(--jp-layout-color1);
  stroke-width: 2px;
}

.nbpipe-graph-step text {
  fill: var(--jp-ui-font-color1);
  font-size: var(--jp-ui-font-size1);
}

.nbpipe-graph-edge path {
  fill: none;
  stroke: var(--jp-ui-font-color2);
  stroke-width: 1.2px;
}

.nbpipe-graph-edge text {
  fill: var(--jp-ui-font-color2);
  font-size: var(--jp-ui-font-size0);
}

.nbpipe-graph-edge.nbpipe-mod-wrong path {
  stroke: var(--jp-error-color1);
}

.nbpipe-graph-edge.nbpipe-mod-wrong text,
.nbpipe-arrow-wrong {
  fill: var(--jp-error-color1);
}

.nbpipe-arrow {
  fill: var(--jp-ui-font-color2);
}

/* the status bar */

.nbpipe-status {
  cursor: pointer;
}
`,""]),o.d(r,{},{A:t})},314(e){e.exports=function(e){var r=[];return r.toString=function(){return this.map(function(r){var o="",p=void 0!==r[5];return r[4]&&(o+="@supports (".concat(r[4],") {")),r[2]&&(o+="@media ".concat(r[2]," {")),p&&(o+="@layer".concat(r[5].length>0?" ".concat(r[5]):""," {")),o+=e(r),p&&(o+="}"),r[2]&&(o+="}"),r[4]&&(o+="}"),o}).join("")},r.i=function(e,o,p,n,i){"string"==typeof e&&(e=[[null,e,void 0]]);var t={};if(p)for(var a=0;a<this.length;a++){var l=this[a][0];null!=l&&(t[l]=!0)}for(var c=0;c<e.length;c++){var s=[].concat(e[c]);p&&t[s[0]]||(void 0!==i&&(void 0===s[5]||(s[1]="@layer".concat(s[5].length>0?" ".concat(s[5]):""," {").concat(s[1],"}")),s[5]=i),o&&(s[2]&&(s[1]="@media ".concat(s[2]," {").concat(s[1],"}")),s[2]=o),n&&(s[4]?(s[1]="@supports (".concat(s[4],") {").concat(s[1],"}"),s[4]=n):s[4]="".concat(n)),r.push(s))}},r}},601(e){e.exports=function(e){return e[1]}},72(e){var r=[];function o(e){for(var o=-1,p=0;p<r.length;p++)if(r[p].identifier===e){o=p;break}return o}function p(e,p){for(var n={},i=[],t=0;t<e.length;t++){var a=e[t],l=p.base?a[0]+p.base:a[0],c=n[l]||0,s="".concat(l," ").concat(c);n[l]=c+1;var d=o(s),b={css:a[1],media:a[2],sourceMap:a[3],supports:a[4],layer:a[5]};if(-1!==d)r[d].references++,r[d].updater(b);else{var u=function(e,r){var o=r.domAPI(r);return o.update(e),function(r){r?(r.css!==e.css||r.media!==e.media||r.sourceMap!==e.sourceMap||r.supports!==e.supports||r.layer!==e.layer)&&o.update(e=r):o.remove()}}(b,p);p.byIndex=t,r.splice(t,0,{identifier:s,updater:u,references:1})}i.push(s)}return i}e.exports=function(e,n){var i=p(e=e||[],n=n||{});return function(e){e=e||[];for(var t=0;t<i.length;t++){var a=o(i[t]);r[a].references--}for(var l=p(e,n),c=0;c<i.length;c++){var s=o(i[c]);0===r[s].references&&(r[s].updater(),r.splice(s,1))}i=l}}},659(e){var r={};e.exports=function(e,o){var p=function(e){if(void 0===r[e]){var o=document.querySelector(e);if(window.HTMLIFrameElement&&o instanceof window.HTMLIFrameElement)try{o=o.contentDocument.head}catch(e){o=null}r[e]=o}return r[e]}(e);if(!p)throw Error("Couldn't find a style target. This probably means that the value for the 'insert' parameter is invalid.");p.appendChild(o)}},540(e){e.exports=function(e){var r=document.createElement("style");return e.setAttributes(r,e.attributes),e.insert(r,e.options),r}},56(e,r,o){e.exports=function(e){var r=o.nc;r&&e.setAttribute("nonce",r)}},825(e){e.exports=function(e){if("u"<typeof document)return{update:function(){},remove:function(){}};var r=e.insertStyleElement(e);return{update:function(o){var p,n,i;p="",o.supports&&(p+="@supports (".concat(o.supports,") {")),o.media&&(p+="@media ".concat(o.media," {")),(n=void 0!==o.layer)&&(p+="@layer".concat(o.layer.length>0?" ".concat(o.layer):""," {")),p+=o.css,n&&(p+="}"),o.media&&(p+="}"),o.supports&&(p+="}"),(i=o.sourceMap)&&"u">typeof btoa&&(p+="\n/*# sourceMappingURL=data:application/json;base64,".concat(btoa(unescape(encodeURIComponent(JSON.stringify(i))))," */")),e.styleTagTransform(p,r,e.options)},remove:function(){var e;null===(e=r).parentNode||e.parentNode.removeChild(e)}}}},113(e){e.exports=function(e,r){if(r.styleSheet)r.styleSheet.cssText=e;else{for(;r.firstChild;)r.removeChild(r.firstChild);r.appendChild(document.createTextNode(e))}}},579(e,r,o){var p=o(72),n=o.n(p),i=o(825),t=o.n(i),a=o(659),l=o.n(a),c=o(56),s=o.n(c),d=o(540),b=o.n(d),u=o(113),f=o.n(u),v=o(475),g={};g.styleTagTransform=f(),g.setAttributes=s(),g.insert=l().bind(null,"head"),g.domAPI=t(),g.insertStyleElement=b(),n()(v.A,g),v.A&&v.A.locals&&v.A.locals}}]);