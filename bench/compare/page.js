"use strict";
const D = JSON.parse(document.getElementById("data").textContent);
const $ = id => document.getElementById(id);
const NS = "http://www.w3.org/2000/svg";
const state = { point: 0, from: 0, to: 1, time: D.end, run: 0 };

// Lengths of time, from microseconds.
function span(us) {
  const s = Math.abs(us) / 1e6, sign = us < 0 ? "-" : "";
  if (s === 0) return "0s";
  if (s < 1e-3) return sign + Math.round(s * 1e6) + "µs";
  if (s < 1) return sign + Math.round(s * 1e3) + "ms";
  if (s < 60) return sign + (s < 10 ? s.toFixed(2) : s.toFixed(1)).replace(/\.?0+$/, "") + "s";
  const units = [["d", 86400], ["h", 3600], ["m", 60], ["s", 1]];
  let left = Math.round(s), out = "", parts = 0;
  for (const [name, size] of units) {
    if (left >= size && parts < 2) { out += Math.floor(left / size) + name; left %= size; parts++; }
  }
  return sign + out;
}
const clock = us => new Date((D.start + us) / 1e3).toISOString().replace("T", " ").slice(0, 19);
const percent = share => (Math.floor(share * 1e5 + 1e-6) / 1e3).toFixed(3) + " %";
const esc = s => String(s).replace(/[&<>"]/g, c => "&#" + c.charCodeAt(0) + ";");

function svg(width, height, title, body) {
  return `<svg class="plot" viewBox="0 0 ${width} ${height}" role="img" aria-label="${esc(title)}">${body}</svg>`;
}
const tickSteps = [0, 1e3, 1e4, 1e5, 1e6, 2e6, 3e6, 5e6, 7e6, 1e7, 1.5e7, 2e7, 3e7, 6e7, 1.2e8, 3e8, 6e8, 1.8e9, 3.6e9, 1.08e10, 4.32e10, 8.64e10, 6.048e11, 2.592e12, 3.1536e13, 3.1536e14];
// A logarithmic axis of lengths of time, which also takes 0.
function logScale(least, most, from, to) {
  const f = v => Math.log10(Math.max(v, 0) + 1e4);
  const a = f(least), b = Math.max(f(most), a + 1e-9);
  return v => from + (to - from) * (f(v) - a) / (b - a);
}
function logTicks(x, least, most, y, title) {
  let out = "", last = -1e9;
  for (const t of tickSteps) {
    if (t < least || t > most || x(t) - last < 44) continue;
    last = x(t);
    out += `<path class="grid" d="M${x(t)} ${y}v5"/><text x="${x(t)}" y="${y + 18}" text-anchor="middle">${span(t)}</text>`;
  }
  return out + `<text class="axis" x="${(x(least) + x(most)) / 2}" y="${y + 36}" text-anchor="middle">${title}</text>`;
}

// The plane of event time and processing time.
const P = { w: 1100, h: 520, l: 104, r: 14, t: 10, b: 44 };
const shapes = ["M-2.6 0a2.6 2.6 0 1 0 5.2 0a2.6 2.6 0 1 0-5.2 0", "M0-5L5 4H-5Z", "M-4-4L4 4M4-4L-4 4"];
const names = ["dot", "dot late", "dot dropped"];
let drawn = []; // [element, dot, fate]
const fate = (dot, d) => d > dot.on ? 0 : d > dot.keep ? 1 : 2;

function planeScales() {
  const { from, to } = state;
  let low = from;
  for (const dot of D.dots) if (dot.a >= from && dot.a <= to) low = Math.min(low, dot.t);
  low = Math.max(low, from - 2 * (to - from));
  const pad = (to - low) * 0.03;
  return {
    x: a => P.l + (a - from) / (to - from) * (P.w - P.l - P.r),
    y: t => P.h - P.b - (t - low + pad) / (to - low + 2 * pad) * (P.h - P.t - P.b), low, pad,
  };
}

function niceStep(range, n) {
  const us = range / n;
  return [1e3, 1e4, 1e5, 1e6, 2e6, 5e6, 1e7, 3e7, 6e7, 3e8, 6e8, 1.8e9, 3.6e9, 1.08e10, 4.32e10, 8.64e10, 6.048e11, 2.592e12, 3.1536e13].find(s => s >= us) || 3.1536e13;
}
const timeOf = (us, step) => {
  const iso = new Date((D.start + us) / 1e3).toISOString();
  return step >= 8.64e10 ? iso.slice(0, 10) : step >= 6e7 ? iso.slice(5, 16).replace("T", " ") : step >= 1e6 ? iso.slice(11, 19) : iso.slice(14, 23);
};

function drawPlane() {
  const { x, y, low, pad } = planeScales(), { from, to } = state;
  let b = `<clipPath id="clip"><rect x="${P.l}" y="${P.t}" width="${P.w - P.l - P.r}" height="${P.h - P.t - P.b}"/></clipPath><g clip-path="url(#clip)">`;
  const ends = D.ends.filter(e => e >= low - pad && e <= to + pad);
  if (ends.length <= 120) {
    for (let i = 0; i + 1 < ends.length; i += 2) b += `<rect class="zone" x="${P.l}" y="${y(ends[i + 1])}" width="${P.w}" height="${Math.max(0, y(ends[i]) - y(ends[i + 1]))}"/>`;
  }
  b += `<path class="ideal" d="M${x(from)} ${y(from)}L${x(to)} ${y(to)}"/><g id="dots"></g><path class="mark" id="mark"/><g id="fires"></g><path class="cursor" id="plane-cursor"/></g>`;
  b += `<rect class="plane" x="${P.l}" y="${P.t}" width="${P.w - P.l - P.r}" height="${P.h - P.t - P.b}"/>`;
  const sx = niceStep(to - from, 8), sy = niceStep(to - low, 6);
  for (let t = Math.ceil((D.start + from) / sx) * sx - D.start; t <= to; t += sx) b += `<path class="grid" d="M${x(t)} ${P.h - P.b}v5"/><text x="${x(t)}" y="${P.h - P.b + 18}" text-anchor="middle">${timeOf(t, sx)}</text>`;
  for (let t = Math.ceil((D.start + low) / sy) * sy - D.start; t <= to; t += sy) b += `<path class="grid" d="M${P.l} ${y(t)}h-5"/><text x="${P.l - 8}" y="${y(t) + 4}" text-anchor="end">${timeOf(t, sy)}</text>`;
  b += `<text class="axis" x="${(P.l + P.w) / 2}" y="${P.h - 6}" text-anchor="middle">arrives (UTC)</text><text class="axis" transform="translate(14 ${P.h / 2}) rotate(-90)" text-anchor="middle">happens</text>`;
  $("plane").innerHTML = svg(P.w, P.h, "Rows by event time and arrival, with the watermark", b);
  const group = $("dots");
  drawn = [];
  for (const dot of D.dots) {
    if (dot.a < from || dot.a > to || dot.t < low - pad) continue;
    const e = document.createElementNS(NS, "path");
    e.setAttribute("transform", `translate(${x(dot.a).toFixed(1)} ${y(dot.t).toFixed(1)})`);
    group.append(e);
    drawn.push([e, dot, -1]);
  }
  $("zoom-out").textContent = `${span(to - from)} of ${span(D.end)} shown, ${drawn.length} rows drawn`;
  recolour();
  moveCursor();
}

// What depends on the delay alone.
function recolour() {
  const p = D.delays[state.point], d = p.d, { x, y } = planeScales(), { from, to } = state;
  const counts = [0, 0, 0];
  for (const item of drawn) {
    const f = fate(item[1], d);
    counts[f]++;
    if (f !== item[2]) { item[2] = f; item[0].setAttribute("d", shapes[f]); item[0].setAttribute("class", names[f]); }
  }
  let path = "", before = null;
  for (const [at, f] of D.rises) {
    if (at < from) { before = f; continue; }
    if (at > to) break;
    if (path === "") path = before === null ? `M${x(at)} ${y(f - d)}` : `M${x(from)} ${y(before - d)}`;
    path += `H${x(at).toFixed(1)}V${y(f - d).toFixed(1)}`;
    before = f;
  }
  if (path === "" && before !== null) path = `M${x(from)} ${y(before - d)}`;
  $("mark").setAttribute("d", path && path + `H${x(to)}`);
  let fires = "", n = 0, i = 0;
  for (const end of D.ends) {
    while (i < D.rises.length && D.rises[i][1] < end + d) i++;
    if (i === D.rises.length) break;
    const at = D.rises[i][0];
    if (at >= from && at <= to && n++ < 400) fires += `<path class="fire" d="M${(x(at) - 7).toFixed(1)} ${(y(end) - 4).toFixed(1)}l7 4l-7 4z"><title>the windows that end ${clock(end)} fire ${span(at - end)} later</title></path>`;
  }
  $("fires").innerHTML = fires;
  const all = p.on + p.rev + p.drop;
  $("delay-out").textContent = span(d);
  $("delay").setAttribute("aria-valuetext", `${span(d)}: ${percent((p.on + p.rev) / all)} counted`);
  $("tiles").innerHTML = [
    [percent(p.on / all), "on time"], [percent((p.on + p.rev) / all), "counted in the end"], [p.rev.toLocaleString("en"), "late and counted, △"],
    [p.drop.toLocaleString("en"), "dropped, ×"], [p.fired ? span(p.p50) : "–", "wait of windows, median"], [p.fired ? span(p.p99) : "–", "wait, p99"],
  ].map(([n, k]) => `<div class="tile"><b>${n}</b><span>${k}</span></div>`).join("");
  $("plane").dataset.counts = counts.join(" ");
}

function setView(from, to) {
  const least = D.end / 5000 + 1e3, range = Math.min(D.end, Math.max(least, to - from));
  state.from = Math.min(Math.max(0, from), Math.max(0, D.end - range));
  state.to = state.from + range;
  drawPlane();
}
function worstView() {
  const gap = D.ends.length > 1 ? D.ends[1] - D.ends[0] : D.end;
  const range = Math.min(D.end, Math.max(14 * gap, D.end / 400));
  const late = D.dots.filter(d => d.on >= 0).map(d => d.a).sort((a, b) => a - b);
  let best = 0, at = late.length ? late[0] : 0;
  for (let i = 0, k = 0; i < late.length; i++) {
    while (late[i] - late[k] > range) k++;
    if (i - k + 1 > best) { best = i - k + 1; at = (late[i] + late[k]) / 2; }
  }
  setView(at - range / 2, at + range / 2);
}

// Lines: which of them are drawn together with the chosen delay.
const archs = [...new Set(D.lines.map(l => l.arch + (l.batch ? " " + span(l.batch) : "")))];
const archOf = l => archs.indexOf(l.arch + (l.batch ? " " + span(l.batch) : ""));
function nearest(faults) {
  const d = D.delays[state.point].d;
  const delays = [...new Set(D.lines.map(l => l.delay))];
  const at = delays.reduce((a, b) => Math.abs(Math.log((b + 1e4) / (d + 1e4))) < Math.abs(Math.log((a + 1e4) / (d + 1e4))) ? b : a);
  const list = D.lines.filter(l => l.delay === at && l.faults === faults);
  return list.length ? list : D.lines.filter(l => l.delay === at);
}

const Q = { w: 540, h: 360, l: 74, r: 14, t: 12, b: 50 };
const missed = ppm => ppm <= 1 ? 0 : Math.log10(ppm) / 6; // 0: none, 1: all
function drawPareto() {
  const points = D.lines.filter(l => l.figures.result_p99_ms !== undefined);
  const waits = points.map(l => l.figures.result_p99_ms * 1e3).concat(D.delays.filter(p => p.fired).map(p => p.p99));
  if (!waits.length) { $("pareto").textContent = "No window fires before the input ends."; return; }
  const least = Math.max(0, Math.min(...waits)), most = Math.max(...waits);
  const x = logScale(least, most, Q.l + 10, Q.w - Q.r - 10), y = v => Q.h - Q.b - v * (Q.h - Q.t - Q.b);
  let b = `<rect class="plane" x="${Q.l}" y="${Q.t}" width="${Q.w - Q.l - Q.r}" height="${Q.h - Q.t - Q.b}"/>`;
  ["none", "10 in 10⁶", "100 in 10⁶", "0.1 %", "1 %", "10 %", "all"].forEach((name, i) => { b += `<path class="grid" d="M${Q.l} ${y(i / 6)}h-5"/><text x="${Q.l - 8}" y="${y(i / 6) + 4}" text-anchor="end">${name}</text>`; });
  b += logTicks(x, least, most, Q.h - Q.b, "wait of a window, p99");
  const all = p => p.on + p.rev + p.drop;
  b += `<path class="curve" d="M${D.delays.filter(p => p.fired).map(p => `${x(p.p99).toFixed(1)} ${y(missed(1e6 * (1 - p.on / all(p)))).toFixed(1)}`).join("L")}"/>`;
  const marks = ["M-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0", "M-6-6H6V6H-6Z", "M0-7L7 5H-7Z", "M0-8L8 0L0 8L-8 0Z"];
  const here = nearest(false);
  for (const l of points) {
    const f = l.figures, beaten = points.some(o => o !== l && o.faults === l.faults && o.figures.result_p99_ms <= f.result_p99_ms && o.figures.incomplete_first_ppm < f.incomplete_first_ppm);
    const text = `${l.name}: first answers miss ${(f.incomplete_first_ppm / 1e4).toFixed(4)} %, p99 ${span(f.result_p99_ms * 1e3)}`;
    b += `<path class="point${l.faults ? "" : " plain"}${beaten ? " beaten" : ""}${here.includes(l) ? " chosen" : ""}" tabindex="0" role="img" aria-label="${esc(text)}" d="${marks[archOf(l) % 4]}" transform="translate(${x(f.result_p99_ms * 1e3).toFixed(1)} ${y(missed(f.incomplete_first_ppm)).toFixed(1)})"><title>${esc(text)}</title></path>`;
  }
  b += archs.map((a, i) => `<path class="point plain" d="${marks[i % 4]}" transform="translate(${Q.w - 150} ${Q.t + 16 + 20 * i})"/><text x="${Q.w - 136}" y="${Q.t + 20 + 20 * i}">${esc(a)}</text>`).join("");
  $("pareto").innerHTML = svg(Q.w, Q.h, "What first answers miss, against how long they take", b);
}

function drawCurves() {
  const list = nearest(false).filter(l => l.waits.length);
  const title = list.length ? `delay ${span(list[0].delay)}${list[0].faults ? ", with faults" : ""}` : "";
  const values = list.flatMap(l => l.waits), least = Math.max(0, Math.min(...values)), most = Math.max(...values, 1e4);
  const x = logScale(least, most, Q.l, Q.w - Q.r), y = v => Q.h - Q.b - v * (Q.h - Q.t - Q.b);
  let b = `<rect class="plane" x="${Q.l}" y="${Q.t}" width="${Q.w - Q.l - Q.r}" height="${Q.h - Q.t - Q.b}"/>`;
  for (const v of [0, 0.5, 0.9, 0.99, 1]) b += `<path class="grid" d="M${Q.l} ${y(v)}h-5"/>` + (v === 0.99 ? "" : `<text x="${Q.l - 8}" y="${y(v) + 4}" text-anchor="end">${100 * v} %</text>`);
  if (list.length) b += logTicks(x, least, most, Q.h - Q.b, "wait for the first answer; " + title);
  for (const l of list) {
    const n = l.waits.length;
    b += `<path class="l${archOf(l) % 4}" d="M${l.waits.map((v, i) => `${x(v).toFixed(1)} ${y((i + 1) / n).toFixed(1)}`).join("L")}"><title>${esc(l.name)}</title></path>`;
  }
  $("cdf").innerHTML = svg(Q.w, Q.h, "Distribution of waits", b + legend(list, Q.l + 12, Q.t + 18));
  drawBands(nearest(false).filter(l => l.bands));
}
const legend = (list, x, y) => list.map((l, i) => `<path class="l${archOf(l) % 4}" d="M${x} ${y + 20 * i}h34"/><text x="${x + 42}" y="${y + 4 + 20 * i}">${esc(archs[archOf(l)])}</text>`).join("");

function drawBands(list) {
  const W = 1100, H = 340, L = 74, R = 14, T = 12, B = 50;
  if (!list.length) { $("bands").textContent = "No window ends early enough to be compared over all delays."; return; }
  const most = Math.max(...list[0].bands.map(b => b.Behind));
  const x = logScale(0, most, L, W - R), y = v => H - B - v * (H - T - B);
  let b = `<rect class="plane" x="${L}" y="${T}" width="${W - L - R}" height="${H - T - B}"/>`;
  for (const v of [0, 0.25, 0.5, 0.75, 1]) b += `<path class="grid" d="M${L} ${y(v)}h-5"/><text x="${L - 8}" y="${y(v) + 4}" text-anchor="end">${100 * v} %</text>`;
  b += logTicks(x, 0, most, H - B, `behind the end of a window; delay ${span(list[0].delay)}`);
  for (const l of list) {
    const k = archOf(l) % 4;
    b += `<path class="band${k}" d="M${l.bands.map(p => `${x(p.Behind).toFixed(1)} ${y(p.P95).toFixed(1)}`).join("L")}L${l.bands.slice().reverse().map(p => `${x(p.Behind).toFixed(1)} ${y(p.P5).toFixed(1)}`).join("L")}Z"/>`;
    b += `<path class="l${k}" d="M${l.bands.map(p => `${x(p.Behind).toFixed(1)} ${y(p.Micro).toFixed(1)}`).join("L")}"><title>${esc(l.name)}</title></path>`;
  }
  $("bands").innerHTML = svg(W, H, "Completeness over time", b + legend(list, L + 12, T + 18));
}

// How wrong answers are, over time, and why they are behind the clock.
function drawErrors() {
  const list = nearest(false).filter(l => l.bands && l.errors), k = +$("value").value;
  if (!list.length) { $("errors").textContent = "No window ends early enough to be compared over all delays."; return; }
  const times = list[0].bands.map(b => b.Behind), most = times[times.length - 1], top = Math.max(1e-6, ...list.flatMap(l => l.errors[k]));
  const x = logScale(0, most, Q.l, Q.w - Q.r), y = v => Q.h - Q.b - v / top * (Q.h - Q.t - Q.b);
  let b = `<rect class="plane" x="${Q.l}" y="${Q.t}" width="${Q.w - Q.l - Q.r}" height="${Q.h - Q.t - Q.b}"/>`;
  for (const s of [0, 0.25, 0.5, 0.75, 1]) b += `<path class="grid" d="M${Q.l} ${y(s * top)}h-5"/><text x="${Q.l - 8}" y="${y(s * top) + 4}" text-anchor="end">${+(s * top).toPrecision(3)}</text>`;
  b += logTicks(x, 0, most, Q.h - Q.b, `behind the end of a window; delay ${span(list[0].delay)}`);
  for (const l of list) b += `<path class="l${archOf(l) % 4}" d="M${times.map((t, i) => `${x(t).toFixed(1)} ${y(l.errors[k][i]).toFixed(1)}`).join("L")}"><title>${esc(l.name)}</title></path>`;
  $("errors").innerHTML = svg(Q.w, Q.h, "Error over time", b + legend(list, Q.w - 190, Q.t + 18));
}
function drawLag() {
  const list = nearest(false).filter(l => l.figures.lag_source_p50_ms !== undefined);
  if (!list.length) { $("lag").textContent = "Partitions have watermarks of their own, or nothing was shown before the data ended: there is no one lag."; return; }
  const parts = l => [l.figures.lag_source_p50_ms, l.figures.lag_policy_ms, l.figures.lag_propagation_p50_ms].map(v => Math.max(0, v) * 1e3);
  const most = Math.max(1, ...list.map(l => parts(l).reduce((a, b) => a + b, 0))), x = v => 14 + v / most * (Q.w - 28);
  const names = ["source", "delay", "engine"];
  let b = '<defs><pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse"><circle cx="2" cy="2" r="1" fill="currentColor"/></pattern><pattern id="lines" width="6" height="6" patternUnits="userSpaceOnUse"><path class="hatch" d="M0 6L6 0"/></pattern></defs>';
  list.forEach((l, i) => {
    const top = 14 + 62 * i, p = parts(l);
    b += `<text class="axis" x="14" y="${top + 6}">${esc(archs[archOf(l)])}, delay ${span(l.delay)}</text>`;
    let at = 0;
    p.forEach((v, k) => {
      const box = `x="${x(at).toFixed(1)}" y="${top + 12}" width="${Math.max(0.5, x(at + v) - x(at)).toFixed(1)}" height="16"`;
      b += `<rect class="bar${k === 2 ? " solid" : ""}" ${box}/>` + (k < 2 ? `<rect ${box} fill="url(#${["dots", "lines"][k]})"/>` : "");
      at += v;
    });
    b += `<text x="14" y="${top + 43}">${p.map((v, k) => `${names[k]} ${span(v)}`).join(" + ")} = ${span(at)}</text>`;
  });
  $("lag").innerHTML = svg(Q.w, 20 + 62 * list.length, "Parts of the watermark's lag", b);
}

// What a reader saw: runs that differ in their architecture alone, side by side.
const groups = [];
for (const l of D.lines) {
  const key = `delay ${span(l.delay)}, faults ${l.faults ? "default" : "none"}`;
  const g = groups.find(g => g.key === key);
  if (g) g.lines.push(l); else groups.push({ key, lines: [l] });
}
const at = (list, t) => { let s = null; for (const x of list) { if (x.at > t) break; s = x; } return s; };
const answer = s => s ? `${s.rows} · ${(s.v || []).join(", ")}` : "–";
function events() {
  const set = new Set([0, D.end]);
  for (const l of groups[state.run].lines) {
    for (const w of l.shown) for (const s of w) set.add(s.at);
    for (const s of l.strikes || []) set.add(s.At);
  }
  return [...set].sort((a, b) => a - b);
}
const last = () => Math.max(D.end, ...groups[state.run].lines.flatMap(l => l.shown.flat().map(s => s.at)));

function drawSeen() {
  const g = groups[state.run], t = state.time;
  $("seen-head").innerHTML = `<tr><th>window</th>${g.lines.map(l => `<th>${esc(archs[archOf(l)])}</th>`).join("")}<th>oracle: all rows</th><th>arrived</th></tr>`;
  $("seen").innerHTML = D.windows.map((w, i) => {
    const truth = `${w.rows} · ${w.v.join(", ")}`, arrived = Math.round(w.arrivals.filter(a => a <= t).length * w.rows / w.arrivals.length);
    const cells = g.lines.map(l => {
      const s = at(l.shown[i], t), text = answer(s);
      return `<td class="${s ? text === truth ? "" : "apart" : "none"}">${s && text !== truth ? "≠ " : ""}${esc(text)}</td>`;
    }).join("");
    return `<tr><td>${esc(w.name)}</td>${cells}<td>${esc(truth)}</td><td>${arrived} of ${w.rows}</td></tr>`;
  }).join("");
  $("time-out").textContent = clock(t);
  $("time").value = t;
  moveCursor();
}
function drawLane() {
  const W = 1100, g = groups[state.run], end = last(), x = t => 74 + t / end * (W - 88);
  const strikes = g.lines.flatMap(l => l.strikes || []);
  const families = [...new Set(strikes.map(s => s.Family))].sort();
  const H = 24 + 16 * Math.max(1, families.length);
  let b = "";
  families.forEach((f, i) => { b += `<text x="68" y="${16 + 16 * i}" text-anchor="end">${esc(f)}</text><path class="grid" d="M74 ${12 + 16 * i}H${W - 14}"/>`; });
  for (const s of strikes) {
    const y = 12 + 16 * families.indexOf(s.Family), to = Math.max(x(s.At) + 2, x(Math.min(end, s.At + s.Lasts)));
    b += `<path class="strike" d="M${x(s.At).toFixed(1)} ${y - 5}v10M${x(s.At).toFixed(1)} ${y}H${to.toFixed(1)}"><title>${esc(`${clock(s.At)} ${s.Family} ${s.Node}${s.Peer ? " – " + s.Peer : ""}, ${span(s.Lasts)}`)}</title></path>`;
  }
  const more = g.lines.reduce((n, l) => n + l.strikesOf - (l.strikes || []).length, 0);
  b += `<text x="74" y="${H - 4}">${families.length ? more ? `and ${more} more faults of nodes and links` : "" : "no faults"}</text><path class="cursor" id="lane-cursor" data-height="${H}" data-end="${end}"/>`;
  $("lane").innerHTML = svg(W, H, "Faults of nodes and links over time", b);
  $("time").max = end;
}
function moveCursor() {
  const c = $("plane-cursor");
  if (c) { const { x } = planeScales(); c.setAttribute("d", `M${x(state.time)} ${P.t}V${P.h - P.b}`); }
  const l = $("lane-cursor");
  if (l) l.setAttribute("d", `M${74 + state.time / +l.dataset.end * 1012} 0V${l.dataset.height}`);
  const hash = `#d=${D.delays[state.point].d}&t=${Math.round(state.time)}&run=${state.run}`;
  if (location.hash !== hash) try { history.replaceState(null, "", hash); } catch (e) { /* a page from a file may refuse */ }
}
function step(by) {
  const list = events(), t = state.time;
  const next = by > 0 ? list.find(e => e > t) : list.filter(e => e < t).pop();
  if (next !== undefined) { state.time = next; drawSeen(); }
}

function setDelay(i) {
  state.point = Math.max(0, Math.min(D.delays.length - 1, i));
  $("delay").value = state.point;
  recolour();
  drawPareto();
  drawCurves();
  drawErrors();
  drawLag();
  moveCursor();
}
function setRun(i) {
  state.run = Math.max(0, Math.min(groups.length - 1, i));
  $("runs").value = state.run;
  state.time = Math.min(state.time, last());
  drawLane();
  drawSeen();
}

function begin() {
  const link = new URLSearchParams(location.hash.slice(1));
  $("delay").max = D.delays.length - 1;
  $("runs").innerHTML = groups.map((g, i) => `<option value="${i}">${esc(g.key)}</option>`).join("");
  $("value").innerHTML = D.names.map((n, i) => `<option value="${i}">${esc(n)}</option>`).join("");
  $("dots-note").textContent = D.dots.length < D.dotsOf ? `${D.dots.length} of ${D.dotsOf} rows are in this page, the latest all of them; counts are of all.` : "";
  const d = link.has("d") ? +link.get("d") : D.lines[D.chosen].delay;
  let i = D.delays.findIndex(p => p.d >= d);
  state.point = i < 0 ? D.delays.length - 1 : i;
  state.time = link.has("t") ? +link.get("t") : D.end;
  worstView();
  setDelay(state.point);
  setRun(link.has("run") ? +link.get("run") : Math.max(0, groups.findIndex(g => g.lines.includes(D.lines[D.chosen]))));
  $("delay").addEventListener("input", e => setDelay(+e.target.value));
  $("time").addEventListener("input", e => { state.time = +e.target.value; drawSeen(); });
  $("time").addEventListener("keydown", e => {
    if (e.key === "ArrowLeft" || e.key === "ArrowRight") { e.preventDefault(); step(e.key === "ArrowLeft" ? -1 : 1); }
  });
  $("value").addEventListener("change", drawErrors);
  $("runs").addEventListener("change", e => setRun(+e.target.value));
  document.addEventListener("click", e => {
    const b = e.target.closest("button");
    if (!b) return;
    const range = state.to - state.from;
    if (b.dataset.step) step(+b.dataset.step);
    if (b.dataset.worst) worstView();
    if (b.dataset.move) setView(state.from + range / 3 * b.dataset.move, state.to + range / 3 * b.dataset.move);
    if (b.dataset.zoom === "0") setView(0, D.end);
    else if (b.dataset.zoom) setView((state.from + state.to) / 2 - range / 2 * b.dataset.zoom, (state.from + state.to) / 2 + range / 2 * b.dataset.zoom);
  });
  let grip = null;
  $("plane").addEventListener("pointerdown", e => { grip = { x: e.clientX, from: state.from, to: state.to, width: $("plane").clientWidth }; });
  addEventListener("pointermove", e => {
    if (!grip || Math.abs(e.clientX - grip.x) < 3) return;
    const by = (grip.x - e.clientX) / grip.width * (grip.to - grip.from);
    setView(grip.from + by, grip.to + by);
  });
  addEventListener("pointerup", () => { grip = null; });
  document.body.dataset.ready = "yes";
}
begin();
