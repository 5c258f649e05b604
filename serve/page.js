"use strict";
// Sends samples to the server, and shows reconstructions beside them and their codes.
const byId = id => document.getElementById(id);
const endpoints = model.outputs.map(o => o.endpoint);
const shape = model.inputs.find(i => i.name === "x").shape;
const size = shape.reduce((a, b) => a * b, 1);
const shown = 200; // results and codes that are kept on the page
const points = [];
let sent = 0;

async function ask(endpoint, body) {
  const r = await fetch("v1/" + endpoint, {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body)});
  const answer = await r.json();
  if (!r.ok) throw new Error(answer.error);
  return answer.values;
}

// further adds the inputs of the net besides x, one value or one for each sample.
function further(body, n) {
  for (const e of document.querySelectorAll(".extra")) {
    const v = JSON.parse(e.value);
    body[e.name] = Array.isArray(v) ? v : Array(n).fill(v);
  }
  return body;
}

async function send(body) {
  byId("error").textContent = "";
  try {
    if (!body || !Array.isArray(body.x)) throw new Error('want an object such as {"x": [[...]]}');
    const needed = e => {
      const part = {};
      for (const i of model.inputs) if (i.name in body && (i.name === "x" || i.neededFor.includes(e))) part[i.name] = body[i.name];
      return part;
    };
    const all = await Promise.all(endpoints.map(e => ask(e, needed(e))));
    const got = Object.fromEntries(endpoints.map((e, i) => [e, all[i]]));
    body.x.forEach((x, i) => show(x, Object.fromEntries(endpoints.map(e => [e, got[e][i]]))));
    plot();
  } catch (e) {
    byId("error").textContent = e.message;
  }
}

const flat = x => Array.isArray(x) ? x.flat(Infinity) : [x];
const digits = v => Number(v).toPrecision(4);

// show adds a sample and its results, the newest first.
function show(x, got) {
  sent++;
  const figure = document.createElement("figure"), caption = document.createElement("figcaption");
  const rows = [["sample", flat(x)]];
  if ("reconstruct" in got) rows.push(["reconstruction", flat(got.reconstruct)]);
  if (picture.channels) {
    for (const [name, values] of rows) figure.append(canvasOf(values, name + " " + sent));
  } else {
    const table = document.createElement("table");
    for (const [name, values] of rows) {
      const tr = table.insertRow(), th = document.createElement("th");
      th.textContent = name;
      tr.append(th);
      for (const v of values.slice(0, 64)) tr.insertCell().textContent = digits(v);
      if (values.length > 64) tr.insertCell().textContent = "…";
    }
    figure.append(table);
  }
  let text = String(sent);
  if ("score" in got) text += ": score " + digits(flat(got.score)[0]);
  if ("encode" in got) {
    const code = flat(got.encode);
    text += (text.includes(":") ? ", " : ": ") + "code " + code.slice(0, 2).map(digits).join(" ") + (code.length > 2 ? " …" : "");
    points.push({n: sent, x: code[0], y: code.length > 1 ? code[1] : 0});
    if (points.length > shown) points.shift();
  }
  caption.textContent = text;
  figure.append(caption);
  byId("results").prepend(figure);
  if (byId("results").children.length > shown) byId("results").lastChild.remove();
}

// canvasOf draws values [C,H,W] in [0,1].
function canvasOf(values, label) {
  const c = document.createElement("canvas"), area = picture.width * picture.height;
  c.width = picture.width;
  c.height = picture.height;
  c.setAttribute("aria-label", label);
  const g = c.getContext("2d"), img = g.createImageData(c.width, c.height);
  for (let i = 0; i < area; i++) {
    for (let k = 0; k < 3; k++) img.data[4 * i + k] = 255 * values[i + (picture.channels === 3 ? k * area : 0)];
    img.data[4 * i + 3] = 255;
  }
  g.putImageData(img, 0, 0);
  return c;
}

// valuesOf reads a canvas as a flat sample [C,H,W] in [0,1].
function valuesOf(c, invert) {
  const area = picture.width * picture.height, x = new Array(picture.channels * area);
  const d = c.getContext("2d").getImageData(0, 0, picture.width, picture.height).data;
  const put = (i, v) => { x[i] = (invert ? 255 - v : v) / 255; };
  for (let i = 0; i < area; i++) {
    const r = d[4 * i], g = d[4 * i + 1], b = d[4 * i + 2];
    if (picture.channels === 1) put(i, r === g && g === b ? r : .299 * r + .587 * g + .114 * b);
    else [r, g, b].forEach((v, k) => put(i + k * area, v));
  }
  return x;
}

// plot draws the codes, with the numbers of the axes.
function plot() {
  const c = byId("plane"), g = c.getContext("2d"), style = getComputedStyle(document.body);
  g.clearRect(0, 0, c.width, c.height);
  if (!points.length) return;
  const range = of => {
    const v = points.map(of), lo = Math.min(...v), hi = Math.max(...v), room = (hi - lo) * .1 || 1;
    return [lo - room, hi + room];
  };
  const [x0, x1] = range(p => p.x), [y0, y1] = range(p => p.y), edge = 48;
  const px = x => edge + (x - x0) / (x1 - x0) * (c.width - 2 * edge), py = y => c.height - edge - (y - y0) / (y1 - y0) * (c.height - 2 * edge);
  g.strokeStyle = g.fillStyle = style.color;
  g.font = "14px system-ui, sans-serif";
  g.strokeRect(edge, edge, c.width - 2 * edge, c.height - 2 * edge);
  g.textAlign = "left"; g.fillText(digits(x0), edge, c.height - edge + 18);
  g.textAlign = "right"; g.fillText(digits(x1), c.width - edge, c.height - edge + 18);
  g.textAlign = "left"; g.fillText(digits(y1), edge, edge - 6); g.fillText(digits(y0), edge + 4, c.height - edge - 6);
  for (const p of points) {
    g.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--accent");
    g.beginPath();
    g.arc(px(p.x), py(p.y), 5, 0, 7);
    g.fill();
    g.fillStyle = style.color;
    if (points.length <= 40) g.fillText(p.n, px(p.x) + 8, py(p.y) + 5);
  }
}

function drawing() {
  const c = byId("draw"), g = c.getContext("2d", {willReadFrequently: true});
  const clear = () => { g.fillStyle = "#000"; g.fillRect(0, 0, c.width, c.height); };
  clear();
  let last = null;
  const at = e => {
    const r = c.getBoundingClientRect();
    return [(e.clientX - r.left) / r.width * c.width, (e.clientY - r.top) / r.height * c.height];
  };
  c.addEventListener("pointerdown", e => { last = at(e); line(last, last); });
  c.addEventListener("pointermove", e => { if (last) { const to = at(e); line(last, to); last = to; } });
  for (const end of ["pointerup", "pointerleave", "pointercancel"]) c.addEventListener(end, () => { last = null; });
  function line(from, to) {
    g.strokeStyle = "#fff";
    g.lineWidth = Math.max(1.5, c.width / 12);
    g.lineCap = "round";
    g.beginPath();
    g.moveTo(...from);
    g.lineTo(to[0] + .01, to[1]);
    g.stroke();
  }
  byId("clear").addEventListener("click", clear);
  byId("send").addEventListener("click", () => sendFlat([valuesOf(c, byId("invert").checked)]));
  byId("files").addEventListener("change", async e => {
    const rows = [];
    byId("error").textContent = "";
    for (const file of e.target.files) {
      try {
        const bitmap = await createImageBitmap(file);
        const to = document.createElement("canvas");
        to.width = picture.width;
        to.height = picture.height;
        const g = to.getContext("2d");
        g.fillStyle = "#000"; // behind what is transparent
        g.fillRect(0, 0, to.width, to.height);
        g.imageSmoothingQuality = "high";
        g.drawImage(bitmap, 0, 0, to.width, to.height);
        rows.push(valuesOf(to, byId("invert").checked));
      } catch {
        byId("error").textContent = file.name + " is not a picture that this browser can read";
        return;
      }
    }
    if (rows.length) sendFlat(rows);
  });
}

// own offers the samples that the server has, each as a button.
async function own() {
  const r = await fetch("v1/samples"), all = await r.json();
  if (!r.ok) throw new Error(all.error);
  all.x.forEach((x, i) => {
    const b = document.createElement("button");
    b.setAttribute("aria-label", "send sample " + (i + 1));
    if (picture.channels) b.append(canvasOf(x, "sample " + (i + 1)));
    else b.textContent = "sample " + (i + 1);
    b.addEventListener("click", () => {
      const body = {};
      for (const name in all) body[name] = [all[name][i].length === 1 && name !== "x" ? all[name][i][0] : all[name][i]];
      send({...further({}, 1), ...body});
    });
    byId("own").append(b);
  });
}

// sendFlat sends samples as flat rows, which the server brings to the net's shape.
function sendFlat(rows) {
  try {
    send(further({x: rows}, rows.length));
  } catch (e) {
    byId("error").textContent = e.message;
  }
}

if (picture.channels) drawing();
if (offers) own().catch(e => { byId("error").textContent = e.message; });
const zeros = s => s.length ? Array.from({length: s[0]}, () => zeros(s.slice(1))) : 0;
byId("json").value = size <= 64 ? JSON.stringify({x: [zeros(shape)], ...further({}, 1)}) : '{"x": [[...]]}';
byId("sendJSON").addEventListener("click", () => {
  let body;
  try {
    body = JSON.parse(byId("json").value);
  } catch (e) {
    byId("error").textContent = "not JSON: " + e.message;
    return;
  }
  send(body);
});
