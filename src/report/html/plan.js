/* SPDX-License-Identifier: Apache-2.0
 * The report of a plan: the table, the filters, and the map's life.
 *
 * Text reaches the page as text nodes only; nothing here makes HTML of a string.
 * A row is what one box needs of another on one protocol and range of ports.
 */
"use strict";
(() => {
	const data = JSON.parse(document.getElementById("data").textContent);
	const $ = (id) => document.getElementById(id);
	const svg = $("map");
	const ROW = 34, SLACK = 12;		/* pixels; rows drawn beyond the window */
	const MOST_HITS = 6000;			/* lines that can be pointed at */
	const named = (list) => new Map(list.map((x) => [x.id, x]));
	const roles = named(data.roles), services = named(data.services), documents = named(data.documents);
	const plural = (n, one, many) => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

	/* make("p", {class: "x"}, "text", node, ...) */
	function make(tag, attributes, ...children) {
		const node = document.createElement(tag);
		for (const [name, value] of Object.entries(attributes || {})) {
			if (name.startsWith("on"))
				node.addEventListener(name.slice(2), value);
			else if (value !== undefined && value !== false)
				node.setAttribute(name, value === true ? "" : value);
		}
		node.append(...children.filter((c) => c !== undefined && c !== null && c !== ""));
		return node;
	}

	/* --- What is shown: boxes, pairs, rows --- */

	const boxes = data.boxes.map((box, i) => ({
		...box, i, pairsOut: [], pairsIn: [],
		zoneName: data.zones[box.zone].zone,
		title: box.hosts.length > 1 ? `${box.name} (${box.hosts.length} hosts)` : box.name,
		text: [box.name, box.system || "", data.zones[box.zone].zone, ...box.roles, ...box.roles.map((r) => roles.get(r).name),
			...box.hosts.flatMap((h) => [h.host, ...h.addresses])].join("\n").toLowerCase(),
	}));
	const items = [];
	const bundles = data.bundles.map((bundle) => bundle.map((it) => {
		const [lo, hi] = it.ports === "-" ? [-1, -1] : it.ports.split("-").map(Number);
		const reasons = it.reasons.map((r) => data.reasons[r]);
		const service = services.get(it.service);
		const item = {
			...it, lo, hi: hi ?? lo, reasons, i: items.length,
			serviceName: service ? service.name : "by hand",
			why: reasons.length ? reasons[0].why : "",
		};
		item.text = [it.protocol, it.ports, `${it.protocol} ${it.ports}`, it.service, item.serviceName,
			...reasons.flatMap((r) => [r.why, r.document, r.section, r.owner || "",
				documents.has(r.document) ? documents.get(r.document).title : ""])].join("\n").toLowerCase();
		items.push(item);
		return item;
	}));
	const pairs = data.pairs.map((pair, i) => ({
		...pair, i, items: bundles[pair.bundle], a: boxes[pair.from], b: boxes[pair.to],
		ways: pair.crosses.map((f) => data.firewalls[f]),
	}));
	const rows = [];
	for (const p of pairs) {
		p.a.pairsOut.push(p);
		p.b.pairsIn.push(p);
		p.items.forEach((item, k) => rows.push({ pair: p, item, k, n: rows.length }));
	}

	/* --- Filters --- */

	const state = { shown: rows, sort: null, down: false, chosen: null, focus: 0 };

	function portRange(text) {
		const m = /^\s*(\d{1,5})\s*(?:-\s*(\d{1,5})\s*)?$/.exec(text);
		return m ? [Number(m[1]), Number(m[2] ?? m[1])] : null;
	}

	function filter() {
		const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
		const zone = $("zone").value, role = $("role").value, protocol = $("protocol").value;
		const port = portRange($("port").value);
		const wrongPort = $("port").value.trim() !== "" && !port;
		$("port").classList.toggle("bad", wrongPort);
		$("port").setAttribute("aria-invalid", wrongPort);
		/* each word is looked for once in each box and each item, however many rows they make */
		const boxHits = words.map((w) => boxes.map((b) => b.text.includes(w)));
		const itemHits = words.map((w) => items.map((it) => it.text.includes(w)));
		const pairOk = pairs.map((p) => (!zone || p.a.zoneName === zone || p.b.zoneName === zone) &&
			(!role || p.a.roles.includes(role) || p.b.roles.includes(role)));
		const pairHits = words.map((w, k) => pairs.map((p) => boxHits[k][p.from] || boxHits[k][p.to] ||
			p.ways.some((f) => f.toLowerCase().includes(w))));
		state.shown = rows.filter((r) => pairOk[r.pair.i] &&
			(!protocol || r.item.protocol === protocol) &&
			(!port || (r.item.lo >= 0 && r.item.lo <= port[1] && r.item.hi >= port[0])) && !wrongPort &&
			words.every((w, k) => pairHits[k][r.pair.i] || itemHits[k][r.item.i]));
		state.focus = 0;
		$("rows").scrollTop = 0;
		sortRows();
		dimMap();
		drawRows(true);
		const n = state.shown.reduce((sum, r) => sum + r.pair.flows / r.pair.items.length, 0);
		$("shown").textContent = state.shown.length === rows.length ? plural(n, "flow", "flows") :
			`${plural(n, "flow", "flows")}, of ${rows.reduce((s, r) => s + r.pair.flows / r.pair.items.length, 0).toLocaleString("en")}`;
	}

	const compare = new Intl.Collator("en", { numeric: true }).compare;
	const columns = [
		{ id: "from", title: "From", key: (r) => r.pair.a.name },
		{ id: "to", title: "To", key: (r) => r.pair.b.name },
		{ id: "protocol", title: "Protocol", key: (r) => r.item.protocol },
		{ id: "ports", title: "Ports", key: (r) => r.item.lo },
		{ id: "service", title: "Service", key: (r) => r.item.service },
		{ id: "crosses", title: "By", key: (r) => r.pair.ways.join(" ") },
		{ id: "why", title: "Why", key: (r) => r.item.why },
	];

	function sortRows() {
		const column = columns.find((c) => c.id === state.sort);
		if (!column)
			return;
		const sign = state.down ? -1 : 1;
		state.shown = [...state.shown].sort((x, y) => {
			const a = column.key(x), b = column.key(y);
			return sign * (typeof a === "number" ? a - b : compare(a, b)) || x.n - y.n;
		});
	}

	function sortBy(id) {
		if (state.sort === id && state.down) {
			state.sort = null;
			state.down = false;
		} else {
			state.down = state.sort === id;
			state.sort = id;
		}
		filter();
		drawTitles();
		$("titles").querySelector(`.c-${id} button`).focus();
	}

	/* --- The table: only the rows in the window are drawn --- */

	function drawTitles() {
		const arrow = state.down ? " \u2193" : " \u2191";
		$("titles").replaceChildren(make("tr", { "aria-rowindex": 1 }, ...columns.map((c) =>
			make("th", { scope: "col", class: `c-${c.id}`,
				"aria-sort": state.sort === c.id ? (state.down ? "descending" : "ascending") : "none" },
				make("button", { type: "button", onclick: () => sortBy(c.id) }, c.title + (state.sort === c.id ? arrow : ""))))));
	}

	function boxCell(id, box) {
		const cell = make("td", { class: `c-${id}` }, box.title, make("span", { class: "zone-name" }, box.zoneName));
		cell.title = `${box.title}, zone ${box.zoneName}`;
		return cell;
	}

	function drawRow(row, at) {
		const it = row.item, more = it.reasons.length - 1;
		const why = more > 0 ? `${it.why} (and ${more} more)` : it.why;
		return make("tr", { "aria-rowindex": at + 2, "data-at": at, tabindex: at === state.focus ? 0 : -1,
			"aria-selected": state.chosen === row ? "true" : "false" },
			boxCell("from", row.pair.a), boxCell("to", row.pair.b),
			make("td", { class: "c-protocol" }, it.protocol),
			make("td", { class: "c-ports mono" }, it.ports),
			make("td", { class: "c-service", title: it.serviceName }, it.service),
			make("td", { class: "c-crosses" }, row.pair.ways.join(", ")),
			make("td", { class: "c-why", title: why }, why));
	}

	function space(n) {
		const cell = make("td");
		cell.style.height = `${n * ROW}px`;
		return make("tr", { class: "space", "aria-hidden": "true" }, cell);
	}

	let drawn = null;
	function drawRows(anew) {
		const box = $("rows"), n = state.shown.length;
		const first = Math.max(0, Math.min(Math.floor(box.scrollTop / ROW) - SLACK, n - 1));
		const last = Math.min(n, Math.ceil((box.scrollTop + box.clientHeight) / ROW) + SLACK);
		const key = `${first} ${last}`;
		if (anew !== true && drawn === key)
			return;
		drawn = key;
		const held = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.at : undefined;
		const list = [];
		for (let i = first; i < last; i++)
			list.push(drawRow(state.shown[i], i));
		$("table").setAttribute("aria-rowcount", n + 1);
		if (first > 0)
			list.unshift(space(first));
		if (last < n)
			list.push(space(n - last));
		$("none").hidden = n > 0;
		$("body").replaceChildren(...list);
		if (held !== undefined && Number(held) >= first && Number(held) < last)
			rowNode(Number(held))?.focus({ preventScroll: true });
		/* the row that Tab reaches may lie outside of what is drawn */
		if (n && (state.focus < first || state.focus >= last))
			rowNode(Math.min(first + SLACK, last - 1))?.setAttribute("tabindex", "0");
	}

	const rowNode = (at) => $("body").querySelector(`tr[data-at="${at}"]`);

	function focusRow(at) {
		const box = $("rows"), head = $("titles").offsetHeight;
		state.focus = Math.max(0, Math.min(at, state.shown.length - 1));
		const top = state.focus * ROW, room = box.clientHeight - head;
		if (top < box.scrollTop)
			box.scrollTop = top;
		else if (top + ROW > box.scrollTop + room)
			box.scrollTop = top + ROW - room;
		drawRows(true);
		rowNode(state.focus)?.focus({ preventScroll: true });
	}

	function rowKeys(event) {
		const row = event.target.closest("tr[data-at]");
		if (!row)
			return;
		const at = Number(row.dataset.at), page = Math.max(1, Math.floor($("rows").clientHeight / ROW) - 2);
		const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0,
			End: state.shown.length - 1 }[event.key];
		if (to !== undefined) {
			event.preventDefault();
			focusRow(to);
		} else if (event.key === "Enter" || event.key === " ") {
			event.preventDefault();
			chooseRow(state.shown[at], row);
		}
	}

	/* --- Details --- */

	let origin = null;	/* what to give the focus back to */
	let selection = null;	/* pairs and boxes that stay lit */

	function openDetails(title, from, ...content) {
		if (from && !$("details").contains(from))
			origin = from;
		$("details-title").textContent = title;
		$("details-body").replaceChildren(...content);
		$("details").scrollTop = 0;
		$("details").classList.add("open");
		$("close").hidden = false;
		$("details-title").focus({ preventScroll: true });
		const chosen = $("details-body").querySelector(".flow.chosen");
		if (chosen)
			$("details").scrollTop = Math.max(0, chosen.offsetTop - $("details").querySelector(".bar").offsetHeight);
	}

	function closeDetails() {
		const wasOpen = $("details").classList.contains("open");
		$("details").classList.remove("open");
		$("close").hidden = true;
		$("details-title").textContent = "Details";
		$("details-body").replaceChildren(make("p", { class: "quiet" },
			"Choose a host, a line or a row: what it needs, and which document says so, is told here."));
		state.chosen = null;
		choose(null);
		drawRows(true);
		if (wasOpen && origin && origin.isConnected)
			origin.focus({ preventScroll: true });
		else if (wasOpen && origin && origin.dataset && origin.dataset.at !== undefined)
			rowNode(Number(origin.dataset.at))?.focus({ preventScroll: true });
		origin = null;
	}

	function citation(r) {
		if (r.document === "by hand")
			return make("p", { class: "cite" }, `by hand, ${r.owner}`, r.until ? `, until ${r.until}` : "",
				r.file ? ` (${r.file}, line ${r.line})` : "");
		const doc = documents.get(r.document);
		return make("p", { class: "cite" }, make("a", { href: `#doc-${r.document}` }, doc ? doc.title : r.document),
			`, \u201c${r.section}\u201d`, r.line ? `, line ${r.line}` : "", doc && doc.date ? ` (${doc.date})` : "",
			r.erratum ? " " : "", r.erratum ? make("span", { class: "tag warn" }, "erratum") : "");
	}

	function reasonItem(r) {
		const names = r["from-role"] ? [r["from-role"], r["to-role"]].map((id) => (roles.get(id) || { name: id }).name) : null;
		return make("li", {}, make("p", {}, r.why), names ? make("p", { class: "cite" }, `${names[0]} \u2192 ${names[1]}`) : "",
			citation(r), r.uncertain ? make("p", { class: "cite" }, `uncertain: ${r.uncertain}`) : "");
	}

	function flowBlock(p, item, k, chosen) {
		return make("div", { class: chosen ? "flow chosen" : "flow" },
			make("p", {}, make("span", { class: "mono" }, item.ports === "-" ? item.protocol : `${item.protocol} ${item.ports}`),
				make("span", {}, item.serviceName), p.ids ? make("span", { class: "quiet mono" }, p.ids[k]) : ""),
			make("ul", { class: "reasons" }, ...item.reasons.map(reasonItem)));
	}

	function choosePair(p, from, k) {
		choose({ pairs: new Set([p.i]), boxes: new Set([p.from, p.to]) });
		const way = p.ways.length ? `by ${p.ways.join(", ")}` :
			p.a.zoneName === p.b.zoneName ? `inside zone ${p.a.zoneName}` : "no firewall between";
		openDetails(`${p.a.name} \u2192 ${p.b.name}`, from,
			make("p", { class: "quiet" }, `${p.a.zoneName} \u2192 ${p.b.zoneName}, ${way}; ${plural(p.flows, "flow", "flows")}`),
			make("p", {}, boxButton(p.a), " ", boxButton(p.b)),
			...p.items.map((item, i) => flowBlock(p, item, i, i === k)));
	}

	function chooseRow(row, from) {
		state.chosen = row;
		drawRows(true);
		choosePair(row.pair, rowNode(state.shown.indexOf(row)) || from, row.k);
	}

	const boxButton = (box) => make("button", { type: "button", onclick: () => chooseBox(box.i, null) }, box.title);

	function pairList(title, list, other) {
		if (!list.length)
			return "";
		const sorted = [...list].sort((x, y) => compare(other(x).name, other(y).name));
		return make("div", {}, make("h3", {}, `${title} `, make("span", { class: "count" }, String(list.length))),
			make("ul", { class: "links" }, ...sorted.map((p) => make("li", {},
				make("button", { type: "button", onclick: () => choosePair(p, null) },
					make("span", {}, other(p).title),
					make("span", { class: "count" }, summary(p)))))));
	}

	/* "tcp 53, 88 and 9 more" */
	function summary(p) {
		const shown = p.items.slice(0, 2).map((it) => (it.ports === "-" ? it.protocol : `${it.protocol} ${it.ports}`));
		return shown.join(", ") + (p.items.length > 2 ? ` +${p.items.length - 2}` : "");
	}

	function hostList(box) {
		const most = 200, list = box.hosts.slice(0, most).map((h) =>
			make("li", {}, `${h.host} `, make("span", { class: "quiet mono" }, h.addresses.join(", "))));
		if (box.hosts.length > most)
			list.push(make("li", { class: "quiet" }, `and ${box.hosts.length - most} more`));
		return make("details", { open: box.hosts.length <= 8 }, make("summary", {}, plural(box.hosts.length, "alike host", "alike hosts")),
			make("ul", {}, ...list));
	}

	function chooseBox(i, from) {
		const box = boxes[i];
		choose({ pairs: new Set([...box.pairsOut, ...box.pairsIn].map((p) => p.i)),
			boxes: new Set([i, ...box.pairsOut.map((p) => p.to), ...box.pairsIn.map((p) => p.from)]), box: i });
		const self = box.pairsOut.filter((p) => p.to === i);
		const facts = make("dl", {}, make("dt", {}, "Zone"), make("dd", {}, box.zoneName));
		if (box.hosts.length === 1)
			facts.append(make("dt", {}, "Addresses"), make("dd", { class: "mono" }, box.hosts[0].addresses.join(", ")));
		if (box.system)
			facts.append(make("dt", {}, "System"), make("dd", {}, box.system));
		if (box.roles.length)
			facts.append(make("dt", {}, "Roles"), make("dd", {}, box.roles.map((r) => roles.get(r).name).join(", ")));
		openDetails(box.title, from, facts, box.hosts.length > 1 ? hostList(box) : "",
			make("p", {}, make("button", { type: "button", onclick: () => searchFor(box) }, "Its flows in the table")),
			pairList("Opens conversations with", box.pairsOut.filter((p) => p.to !== i), (p) => p.b),
			pairList("Answers", box.pairsIn.filter((p) => p.from !== i), (p) => p.a),
			pairList("Among themselves", self, (p) => p.b));
		if (marks[i])
			keepInSight(marks[i]);
	}

	function searchFor(box) {
		$("search").value = box.hosts[0].host;
		filter();
		$("flows").scrollIntoView();
		focusRow(0);
	}

	function chooseSeveral(list, from) {
		const to = new Set(list.map((p) => p.to));
		choose({ pairs: new Set(list.map((p) => p.i)), boxes: new Set(list.flatMap((p) => [p.from, p.to])) });
		openDetails(to.size === 1 ? `\u2192 ${list[0].b.name}` : plural(list.length, "line", "lines"), from,
			...[...to].map((t) => pairList(`To ${boxes[t].name}`, list.filter((p) => p.to === t), (p) => p.a)));
	}

	/* --- The map --- */

	const lines = [], arrows = new Map(), marks = [];
	let lit = { e: [], box: [] };

	function light(what) {
		if (!svg)
			return;
		for (const node of [...lit.e, ...lit.box])
			node.classList.remove("on");
		svg.classList.toggle("lit", !!what);
		lit = { e: [], box: [] };
		if (!what)
			return;
		const tips = new Set();
		for (const i of what.pairs) {
			if (!lines[i])
				continue;
			lit.e.push(lines[i]);
			tips.add(lines[i].dataset.arrow);
		}
		for (const tip of tips)
			lit.e.push(arrows.get(tip));
		for (const i of what.boxes)
			if (marks[i])
				lit.box.push(marks[i]);
		for (const node of [...lit.e, ...lit.box])
			node.classList.add("on");
	}

	function choose(what) {
		for (const mark of marks)
			mark?.classList.remove("chosen");
		selection = what;
		if (what && what.box !== undefined)
			marks[what.box]?.classList.add("chosen");
		light(what);
	}

	/* The sheet may be narrower once details are open: what was chosen stays in sight. */
	function keepInSight(mark) {
		const sheet = $("sheet"), at = mark.getBoundingClientRect(), room = sheet.getBoundingClientRect(), gap = 24;
		if (at.right > room.right - gap)
			sheet.scrollLeft += at.right - room.right + gap;
		else if (at.left < room.left + gap)
			sheet.scrollLeft -= room.left + gap - at.left;
	}

	function dimMap() {
		if (!svg)
			return;
		const all = state.shown.length === rows.length;
		const on = new Set(), onBoxes = new Set();
		for (const r of state.shown) {
			on.add(r.pair.i);
			onBoxes.add(r.pair.from).add(r.pair.to);
		}
		lines.forEach((node, i) => node?.classList.toggle("off", !all && !on.has(i)));
		marks.forEach((node, i) => node?.classList.toggle("off", !all && !onBoxes.has(i)));
		const tips = new Set([...on].map((i) => lines[i]?.dataset.arrow));
		for (const [tip, node] of arrows)
			node.classList.toggle("off", !all && !tips.has(tip));
	}

	function tell(event, text) {
		const tip = $("tip");
		tip.hidden = !text;
		if (!text)
			return;
		tip.textContent = text;
		const w = tip.offsetWidth, h = tip.offsetHeight;
		tip.style.left = `${Math.max(4, Math.min(event.clientX + 14, innerWidth - w - 8))}px`;
		tip.style.top = `${event.clientY + 18 + h > innerHeight ? event.clientY - h - 10 : event.clientY + 18}px`;
	}

	const pairsAt = (event) => document.elementsFromPoint(event.clientX, event.clientY)
		.filter((n) => n.classList.contains("hit") && !lines[n.dataset.pair].classList.contains("off"))
		.map((n) => pairs[n.dataset.pair]);

	function pointAt(event) {
		const box = event.target.closest && event.target.closest(".box");
		if (box) {
			const b = boxes[box.dataset.box];
			light({ pairs: [...b.pairsOut, ...b.pairsIn].map((p) => p.i), boxes: [b.i, ...b.pairsOut.map((p) => p.to), ...b.pairsIn.map((p) => p.from)] });
			tell(event, `${b.title}: ${b.roles.map((r) => roles.get(r).name).join(", ") || "by hand"}`);
			return;
		}
		const found = pairsAt(event);
		if (!found.length) {
			light(selection);
			tell(event, "");
			return;
		}
		light({ pairs: found.map((p) => p.i), boxes: found.flatMap((p) => [p.from, p.to]) });
		const p = found[0];
		tell(event, found.length === 1 ?
			`${p.a.name} \u2192 ${p.b.name}: ${p.items.map((it) => (it.ports === "-" ? it.protocol : `${it.protocol} ${it.ports}`)).join(", ")}` :
			`${found.length} lines to ${[...new Set(found.map((x) => x.b.name))].join(", ")}`);
	}

	/* The nearest box whose middle lies that way. */
	function neighbour(from, key) {
		const at = (m) => { const r = m.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; };
		const [x, y] = at(from);
		let best = null, least = Infinity;
		for (const m of marks) {
			if (!m || m === from)
				continue;
			const [mx, my] = at(m), dx = mx - x, dy = my - y;
			const along = { ArrowRight: dx, ArrowLeft: -dx, ArrowDown: dy, ArrowUp: -dy }[key];
			const across = Math.abs(key === "ArrowRight" || key === "ArrowLeft" ? dy : dx);
			if (along > 4 && along + 3 * across < least) {
				least = along + 3 * across;
				best = m;
			}
		}
		return best;
	}

	function mapKeys(event) {
		const box = event.target.closest(".box");
		if (!box)
			return;
		if (event.key === "Enter" || event.key === " ") {
			event.preventDefault();
			chooseBox(Number(box.dataset.box), box);
		} else if (event.key.startsWith("Arrow")) {
			event.preventDefault();
			const next = neighbour(box, event.key);
			if (next) {
				box.setAttribute("tabindex", "-1");
				next.setAttribute("tabindex", "0");
				next.focus();
			}
		}
	}

	/* Dragging the empty sheet moves it. */
	function dragging() {
		const sheet = $("sheet");
		let start = null;
		sheet.addEventListener("pointerdown", (e) => {
			if (e.pointerType === "mouse" && e.button === 0 && !e.target.closest(".box"))
				start = { x: e.clientX, y: e.clientY, left: sheet.scrollLeft, top: sheet.scrollTop, moved: false };
		});
		addEventListener("pointermove", (e) => {
			if (!start)
				return;
			start.moved ||= Math.abs(e.clientX - start.x) + Math.abs(e.clientY - start.y) > 4;
			sheet.classList.toggle("dragged", start.moved);
			sheet.scrollLeft = start.left - (e.clientX - start.x);
			sheet.scrollTop = start.top - (e.clientY - start.y);
		});
		addEventListener("pointerup", () => {
			const moved = start && start.moved;
			start = null;
			/* the click that follows is the end of the drag, no choice */
			setTimeout(() => sheet.classList.remove("dragged"), 0);
			return moved;
		});
	}

	let scale = 1;
	function size(to) {
		const sheet = $("sheet"), w = svg.viewBox.baseVal.width, h = svg.viewBox.baseVal.height;
		const before = scale, x = sheet.scrollLeft + sheet.clientWidth / 2, y = sheet.scrollTop + sheet.clientHeight / 2;
		scale = Math.max(0.15, Math.min(to, 3));
		svg.setAttribute("width", Math.round(w * scale));
		svg.setAttribute("height", Math.round(h * scale));
		sheet.scrollLeft = x * scale / before - sheet.clientWidth / 2;
		sheet.scrollTop = y * scale / before - sheet.clientHeight / 2;
	}

	function fit() {
		const sheet = $("sheet"), w = svg.viewBox.baseVal.width, h = svg.viewBox.baseVal.height;
		const most = innerHeight * (innerWidth <= 640 ? 0.6 : 0.76);
		const whole = Math.min((sheet.clientWidth - 8) / w, (most - 8) / h, 1.25);
		/* smaller than that, nothing can be read: then it is scrolled */
		size(Math.max(whole, 0.5));
		sheet.scrollLeft = sheet.scrollTop = 0;
	}

	function wakeMap() {
		if (!svg) {
			$("smaller").parentNode.hidden = true;
			return;
		}
		for (const node of svg.querySelectorAll(".e"))
			lines[node.dataset.pair] = node;
		for (const node of svg.querySelectorAll(".a"))
			arrows.set(node.dataset.arrow, node);
		for (const node of svg.querySelectorAll(".box")) {
			const b = boxes[node.dataset.box];
			marks[b.i] = node;
			node.querySelector("title").remove();
			node.setAttribute("role", "button");
			node.setAttribute("tabindex", "-1");
			node.setAttribute("aria-label", `${b.title}, ${b.roles.map((r) => roles.get(r).name).join(", ") || "by hand"}, zone ${b.zoneName}: ` +
				`opens conversations with ${b.pairsOut.length}, answers ${b.pairsIn.length}`);
		}
		svg.querySelector(".box")?.setAttribute("tabindex", "0");
		if (pairs.length <= MOST_HITS) {
			const under = document.createElementNS("http://www.w3.org/2000/svg", "g");
			lines.forEach((node, i) => {
				const hit = node.cloneNode(false);
				hit.setAttribute("class", "hit");
				hit.dataset.pair = i;
				under.append(hit);
			});
			svg.querySelector(".lines").after(under);
		}
		let waiting = null, clicked = 0;
		svg.addEventListener("pointermove", (event) => {
			if (waiting === null)
				requestAnimationFrame(() => {
					if (waiting.timeStamp > clicked)
						pointAt(waiting);
					waiting = null;
				});
			waiting = event;
		});
		svg.addEventListener("pointerleave", (event) => {
			light(selection);
			tell(event, "");
		});
		svg.addEventListener("click", (event) => {
			if ($("sheet").classList.contains("dragged"))
				return;
			const box = event.target.closest(".box");
			const found = box ? [] : pairsAt(event);
			tell(event, "");
			clicked = event.timeStamp;
			if (box)
				chooseBox(Number(box.dataset.box), box);
			else if (found.length === 1)
				choosePair(found[0], null);
			else if (found.length)
				chooseSeveral(found, null);
			else
				closeDetails();
		});
		svg.addEventListener("keydown", mapKeys);
		$("smaller").addEventListener("click", () => size(scale / 1.25));
		$("larger").addEventListener("click", () => size(scale * 1.25));
		$("fit").addEventListener("click", fit);
		$("sheet").addEventListener("wheel", (event) => {
			if (!event.ctrlKey && !event.metaKey)
				return;
			event.preventDefault();
			size(scale * (event.deltaY < 0 ? 1.1 : 1 / 1.1));
		}, { passive: false });
		dragging();
		fit();
	}

	/* --- The rest of the page --- */

	function choices(id, list) {
		for (const [value, text] of list)
			$(id).append(make("option", { value }, text));
	}

	const levels = { note: "tag", warning: "tag warn", error: "tag bad" };

	function finding(f) {
		const doc = documents.get(f.document);
		return make("li", { class: "card" },
			make("p", {}, make("span", { class: levels[f.level] }, f.level), " ", f.text),
			f["way-out"] ? make("p", {}, f["way-out"]) : "",
			f.other ? make("p", { class: "cite" }, `${f.other.text} (${f.other.file}, line ${f.other.line})`) : "",
			make("p", { class: "cite" }, make("a", { href: `#doc-${f.document}` }, doc ? doc.title : f.document),
				f.section ? `, \u201c${f.section}\u201d` : "", f["document-line"] ? `, line ${f["document-line"]}` : "",
				f.file ? ` \u00b7 ${f.file}:${f.line}:${f.column}` : "", ` \u00b7 ${f.id}`));
	}

	function drawAdvice() {
		$("n-advice").textContent = data.advice.length ? String(data.advice.length) : "";
		$("advice-body").replaceChildren(data.advice.length ?
			make("ul", { class: "cards links" }, ...data.advice.map(finding)) :
			make("p", { class: "quiet" }, "Nothing to say: no check found anything."));
	}

	function drawDocuments() {
		const uses = new Map();
		for (const r of data.reasons)
			uses.set(r.document, (uses.get(r.document) || 0) + 1);
		$("documents-body").replaceChildren(make("ul", { class: "cards links" }, ...data.documents.map((d) =>
			make("li", { class: "card", id: `doc-${d.id}`, tabindex: "-1" },
				make("p", {}, make("strong", {}, d.title), d.date ? ` (${d.date})` : ""),
				make("p", { class: "cite" }, `${d.source} \u00b7 ${d.id}`, uses.has(d.id) ? ` \u00b7 ${plural(uses.get(d.id), "reason", "reasons")}` : "")))));
	}

	const byText = (x, y) => compare(x[1], y[1]);
	choices("zone", data.zones.map((z) => [z.zone, z.zone]).sort(byText));
	choices("role", data.roles.filter((r) => boxes.some((b) => b.roles.includes(r.id))).map((r) => [r.id, r.name]).sort(byText));
	choices("protocol", [...new Set(items.map((it) => it.protocol))].sort(compare).map((p) => [p, p]));
	drawTitles();
	wakeMap();
	closeDetails();
	drawAdvice();
	drawDocuments();
	filter();

	let typing = 0;
	$("filters").addEventListener("input", () => {
		clearTimeout(typing);
		typing = setTimeout(filter, 90);
	});
	$("filters").addEventListener("reset", () => setTimeout(filter, 0));
	$("filters").addEventListener("submit", (event) => {
		event.preventDefault();
		filter();
		focusRow(0);
	});
	$("rows").addEventListener("scroll", drawRows, { passive: true });
	$("body").addEventListener("keydown", rowKeys);
	$("body").addEventListener("click", (event) => {
		const row = event.target.closest("tr[data-at]");
		if (row) {
			state.focus = Number(row.dataset.at);
			chooseRow(state.shown[state.focus], row);
		}
	});
	$("close").addEventListener("click", closeDetails);
	addEventListener("keydown", (event) => {
		if (event.key !== "Escape" || event.defaultPrevented)
			return;
		if ($("details").classList.contains("open"))
			closeDetails();
		else if (document.activeElement && $("filters").contains(document.activeElement))
			$("reset").click();
	});
	addEventListener("resize", () => drawRows(true));
})();
