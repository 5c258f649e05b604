// What TestReportLaysOutWellInABrowser runs on pages of several widths, each in
// a frame: it writes everything that is cut, empty or overlapping as text, a line
// each that begins with the frame's title.
"use strict";

// Text and pictures stay inside these.
const boxes = ".panel, .facts, .chart, code, table, td, tbody th, dd, header, section, figure, body";

window.onload = () => {
  const found = [];
  for (const frame of document.querySelectorAll("iframe")) {
    const width = frame.clientWidth;
    for (const what of faults(frame.contentDocument, width)) found.push(`${frame.title}: ${what}`);
  }
  const out = document.createElement("pre");
  out.id = "found";
  out.textContent = found.join("\n");
  document.body.replaceChildren(out);
};

function faults(page, width) {
  const found = [];
  const style = (e) => page.defaultView.getComputedStyle(e);
  const says = (e) => `${e.localName}.${e.getAttribute("class") || ""} "${e.textContent.trim().replace(/\s+/g, " ").slice(0, 40)}"`;
  const outside = (a, b) => a.left < b.left - 1 || a.right > b.right + 1 || a.top < b.top - 1 || a.bottom > b.bottom + 1;
  const shown = (e) => e.checkVisibility({ visibilityProperty: true }) && !(e.closest("thead") && style(e.closest("thead")).position === "absolute");

  if (page.documentElement.scrollWidth > width) found.push(`the page is ${page.documentElement.scrollWidth} wide`);

  const texts = [];
  const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, e = node.parentElement;
    if (!node.data.trim() || !shown(e)) continue;
    const range = page.createRange();
    range.selectNodeContents(node);
    const rects = [...range.getClientRects()].filter((r) => r.width > 0);
    if (rects.length === 0) found.push(`${says(e)} has no room`);
    for (const r of rects) {
      texts.push({ e, node, r });
      for (let box = e.closest(boxes); box; box = box.parentElement && box.parentElement.closest(boxes)) {
        if (outside(r, box.getBoundingClientRect())) found.push(`${says(e)} reaches out of ${box.localName}.${box.getAttribute("class") || ""}`);
      }
    }
  }
  for (let i = 0; i < texts.length; i++) {
    for (let j = i + 1; j < texts.length; j++) {
      const a = texts[i], b = texts[j];
      if (a.node === b.node) continue;
      const wide = Math.min(a.r.right, b.r.right) - Math.max(a.r.left, b.r.left);
      const high = Math.min(a.r.bottom, b.r.bottom) - Math.max(a.r.top, b.r.top);
      if (wide > 1 && high > 4) found.push(`${says(a.e)} overlaps ${says(b.e)}`);
    }
  }

  for (const img of page.images) {
    const r = img.getBoundingClientRect();
    if (!img.complete || img.naturalWidth === 0) found.push(`img "${img.alt}" does not load`);
    if (r.width < 8 || r.height < 8) found.push(`img "${img.alt}" is ${r.width} by ${r.height}`);
    if (outside(r, img.closest(boxes).getBoundingClientRect())) found.push(`img "${img.alt}" reaches out`);
  }
  for (const svg of page.querySelectorAll("svg")) {
    const r = svg.getBoundingClientRect();
    if (r.width < 100 || r.height < 100) found.push(`svg "${svg.getAttribute("aria-label")}" is ${r.width} by ${r.height}`);
    const drawn = [...svg.querySelectorAll("path")].filter((p) => p.getTotalLength() > 0);
    if (drawn.length === 0) found.push(`svg "${svg.getAttribute("aria-label")}" is empty`);
    for (const p of drawn) {
      const b = p.getBBox(), v = svg.viewBox.baseVal;
      if (b.x < -1 || b.y < -1 || b.x + b.width > v.width + 1 || b.y + b.height > v.height + 1) found.push(`svg "${svg.getAttribute("aria-label")}" draws outside`);
    }
  }
  for (const part of page.querySelectorAll(".fill, .whisker")) {
    const r = part.getBoundingClientRect();
    if (r.width < 1 || r.height < 4) found.push(`${says(part.closest(".bar"))}: ${part.className} is ${r.width} by ${r.height}`);
    if (outside(r, part.parentElement.getBoundingClientRect())) found.push(`${says(part.closest(".bar"))}: ${part.className} reaches out`);
  }
  return found;
}
