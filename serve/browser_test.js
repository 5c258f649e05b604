// Uses the page as a person would, in a frame of this one, and writes what it finds wrong
// into the element "found", a line for each fault.
"use strict";
const frame = document.querySelector("iframe"), faults = [];
const must = (ok, text) => { if (!ok) faults.push(text); };
const wait = async (what, of) => {
  for (let i = 0; i < 1000; i++) {
    if (of()) return;
    await fetch("/pause"); // the browser's own clock runs ahead of its work
  }
  faults.push(what + " did not come");
};
const inked = c => c.getContext("2d").getImageData(0, 0, c.width, c.height).data.some((v, i) => i % 4 === 3 && v > 0);
const reds = c => Array.from(c.getContext("2d").getImageData(0, 0, c.width, c.height).data).filter((_, i) => i % 4 === 0);

async function check() {
  const d = frame.contentDocument, w = frame.contentWindow, id = x => d.getElementById(x);
  const results = () => d.querySelectorAll("figure").length, newest = () => d.querySelector("figure");
  w.addEventListener("error", e => faults.push("error: " + e.message));
  d.addEventListener("securitypolicyviolation", e => faults.push("policy: " + e.violatedDirective + " " + e.blockedURI));
  must(id("plane") && !inked(id("plane")), "the plane is not empty at first");
  must(w.getComputedStyle(d.querySelector("main")).display === "grid", "there is no style");
  let want = 0;
  await wait("the samples that are offered", () => d.querySelectorAll("#own button").length === 2);
  d.querySelectorAll("#own button")[1].click();
  await wait("the result of a sample that is offered", () => results() === ++want || (want--, false));
  must(inked(id("plane")), "the plane is empty after a sample that is offered");
  if (id("draw")) {
    const c = id("draw"), r = c.getBoundingClientRect();
    const pointer = (type, x, y) => c.dispatchEvent(new w.PointerEvent(type, {clientX: r.left + x * r.width, clientY: r.top + y * r.height, bubbles: true}));
    pointer("pointerdown", .2, .5);
    pointer("pointermove", .8, .5);
    pointer("pointerup", .8, .5);
    must(reds(c).some(v => v > 150), "the pointer draws nothing");
    id("send").click();
    await wait("the result of the drawing", () => results() === ++want || (want--, false));
    const two = newest().querySelectorAll("canvas");
    must(two.length === 2, "there are " + two.length + " pictures, want the sample and its reconstruction");
    must(String(reds(two[0])) === String(reds(c)), "the sample is not what was drawn");
    must(inked(two[1]), "the reconstruction is empty");
    must(inked(id("plane")), "the plane is empty after the drawing");

    const made = d.createElement("canvas");
    made.width = made.height = 50;
    const g = made.getContext("2d");
    g.fillStyle = "#fff";
    g.fillRect(0, 0, 50, 25);
    const files = new w.DataTransfer();
    for (const name of ["a.png", "b.png"]) {
      files.items.add(new w.File([await new Promise(done => made.toBlob(done))], name, {type: "image/png"}));
    }
    id("files").files = files.files;
    id("files").dispatchEvent(new w.Event("change"));
    want += 2;
    await wait("the results of the files", () => results() === want);
    const top = reds(newest().querySelector("canvas"));
    const mean = top.reduce((a, b) => a + b, 0) / top.length;
    must(top[0] > 250 && top[top.length - 1] < 5 && Math.abs(mean - 127) < 20, "the picture is not that of the file, of mean " + mean);

    const text = new w.DataTransfer();
    text.items.add(new w.File(["no picture"], "c.png", {type: "image/png"}));
    id("files").files = text.files;
    id("files").dispatchEvent(new w.Event("change"));
    await wait("the error of a file that is no picture", () => id("error").textContent.includes("c.png is not a picture"));
  }
  id("json").value = '{"x": [[1, 2]]}';
  id("sendJSON").click();
  await wait("the error of a wrong shape", () => id("error").textContent.includes('field "x" has the shape [1 2]'));
  id("json").value = "{";
  id("sendJSON").click();
  must(id("error").textContent.startsWith("not JSON"), "text that is not JSON is no error: " + id("error").textContent);
  const model = await (await fetch("/v1/model")).json(), body = {};
  const zeros = s => s.length ? Array.from({length: s[0]}, () => zeros(s.slice(1))) : 0;
  for (const i of model.inputs) body[i.name] = [zeros(i.shape), zeros(i.shape)];
  id("json").value = JSON.stringify(body);
  id("sendJSON").click();
  want += 2;
  await wait("the results of JSON", () => results() === want);
  must(id("error").textContent === "", "an error is left: " + id("error").textContent);
  must(inked(id("plane")), "the plane is empty");
  must(/score .*code /.test(newest().textContent), "no score and code: " + newest().textContent);
  for (const width of [1280, 768, 390, 320]) {
    frame.style.width = width + "px";
    must(d.documentElement.scrollWidth <= width, "the page is " + d.documentElement.scrollWidth + " wide in " + width);
  }
  frame.style.width = "1280px";
}
addEventListener("load", () => check().catch(e => faults.push("the check failed: " + e.stack)).then(() => {
  const pre = document.createElement("pre");
  pre.id = "found";
  pre.textContent = faults.join("\n");
  document.body.append(pre);
}));
