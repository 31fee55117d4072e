// The score grid: keys as in a spreadsheet, one input moved into the selected cell, every change saved by itself.
(() => {
  "use strict";

  const form = document.querySelector("[data-thidua-grid]");
  if (!form || !window.thiduaGrid) return;
  const table = form.querySelector("[data-thidua-table]");
  const box = form.querySelector("[data-box]");
  const part = (name) => form.querySelector(`[data-${name}]`);
  const set = form.dataset;
  const phone = window.matchMedia("(max-width: 720px)");
  const FIRST = 2; // cells of a row before the first unit
  const SAVING_AFTER = 400;
  const GREEN_FOR = 4000;
  const PREVIEW_ABOVE = 20;

  const make = (tag, text = "", className = "") => {
    const element = document.createElement(tag);
    if (text) element.textContent = text;
    if (className) element.className = className;
    return element;
  };
  const dialog = (name) => document.querySelector(`[data-dialog="${name}"]`);
  const shown = (text) => text || "ô trống";

  // ---------------------------------------------------------------- model
  const cols = Array.from(table.tHead.rows[0].cells).slice(FIRST).map((th, index) => ({
    index,
    th,
    sheet: th.dataset.s,
    unit: th.dataset.u,
    code: th.dataset.code,
    short: th.dataset.short,
    name: th.title,
    writable: "w" in th.dataset,
  }));
  const rows = [];
  const leaves = [];
  const cells = new Map();
  for (const tr of table.tBodies[0].rows) {
    const { c, d, k, code, max, hint, mode, levels, e } = tr.dataset;
    const row = { tr, c, depth: Number(d), kind: k, code, max, hint, mode, entry: e === "1", index: rows.length };
    row.title = tr.cells[0].title;
    row.levels = levels ? levels.split("|") : [];
    rows.push(row);
    if (k === "leaf") {
      row.leaf = leaves.length;
      leaves.push(row);
    }
  }
  for (const row of leaves) {
    for (const col of cols) {
      const td = row.tr.cells[FIRST + col.index];
      const field = td.querySelector("input[name^=c-]");
      const points = td.querySelector(".p");
      const key = `${col.sheet}-${row.c}`;
      const fault = field && field.dataset.why;
      const cell = {
        k: key,
        row,
        col,
        td,
        writable: Boolean(field),
        revision: Number(td.dataset.r),
        text: field ? (fault ? field.dataset.held : field.value) : td.dataset.t || "",
        points: points ? points.textContent : "",
        before: td.dataset.b || "",
        held: td.dataset.h || "",
        papers: Number(td.dataset.n || 0),
        from: null,
        at: "",
        green: false,
        slow: false,
        seq: 0,
      };
      if (fault) cell.formFault = { kind: "refused", text: field.value, message: fault };
      cells.set(key, cell);
    }
  }
  const cellAt = (row, col) => cells.get(`${col.sheet}-${row.c}`);
  const cellOf = (target) => {
    const td = target.closest && target.closest("td");
    if (!td || !table.contains(td) || td.cellIndex < FIRST) return null;
    const row = rows[td.parentElement.sectionRowIndex];
    return td.closest("tbody") && row && row.kind === "leaf" ? cellAt(row, cols[td.cellIndex - FIRST]) : null;
  };
  const place = (cell) => `${cell.col.short}, ${cell.row.code}`;

  // ---------------------------------------------------------------- queue
  let net = navigator.onLine ? "" : "lost";
  let seq = 0;
  let liveCell = null; // the cell the live region speaks of
  const live = (sentence, cell = null) => {
    part("live").textContent = sentence;
    liveCell = cell;
  };
  const unsay = (cell) => {
    if (liveCell === cell) live("");
  };
  const queue = new window.thiduaGrid.GridQueue({
    user: set.user,
    year: set.year,
    stage: set.stage,
    save: set.save,
    saveMany: set.saveMany,
    token: set.token,
    revision: (k) => cells.get(k).revision,
    saved: (k, answer) => saved(cells.get(k), answer),
    refused: (k, fault) => faulty(cells.get(k), fault),
    conflict: (k, fault) => faulty(cells.get(k), fault),
    net: (state) => network(state),
    signedOut: (answer) => askSignIn(answer),
  });
  for (const k of [...Object.keys(queue.faults), ...queue.busy.keys()]) {
    if (!cells.has(k) || !cells.get(k).writable) {
      // The column is closed to this person by now: the server says why when it is sent; nothing is dropped here.
      if (!cells.has(k)) delete queue.faults[k];
    }
  }
  for (const cell of cells.values()) if (cell.formFault) queue.faults[cell.k] = cell.formFault;

  const saved = (cell, answer) => {
    cell.seq = ++seq;
    cell.revision = answer.revision;
    cell.text = answer.text;
    if (answer.points !== null && answer.points !== undefined) cell.points = answer.points;
    cell.at = answer.at;
    cell.held = `${answer.by}, ${answer.at}`;
    cell.from = null;
    cell.slow = false;
    cell.green = true;
    clearTimeout(cell.greenTimer);
    cell.greenTimer = setTimeout(() => {
      cell.green = false;
      draw(cell);
    }, GREEN_FOR);
    part("last").textContent = `Đã lưu ${answer.at}`;
    unsay(cell);
    draw(cell);
    if (cell === active) tellStrip();
    refreshSoon();
    showNet();
  };

  const faulty = (cell, fault) => {
    cell.slow = false;
    if (fault.kind === "conflict") {
      cell.revision = fault.revision;
      cell.text = fault.theirs;
      cell.points = cell.row.entry ? cell.points : fault.theirs;
      cell.held = `${fault.by}, ${fault.at}`;
      live(`${place(cell)}: hai giá trị. Bạn nhập ${shown(fault.text)}; ${fault.by} đã lưu ${shown(fault.theirs)}.`, cell);
    } else {
      live(`${place(cell)} chưa lưu: ${fault.message}`, cell);
    }
    draw(cell);
    showFaults();
    if (cell === active) tellStrip();
    refreshSoon();
  };

  const put = (changes) => {
    queue.put(changes);
    const sent = changes.map(({ k }) => cells.get(k));
    sent.forEach((cell) => {
      cell.green = false;
      cell.slow = net === "lost";
      draw(cell);
    });
    setTimeout(() => {
      sent.forEach((cell) => {
        if (queue.pending(cell.k) !== undefined) {
          cell.slow = true;
          draw(cell);
        }
      });
    }, SAVING_AFTER);
    showFaults();
    showNet();
  };

  // ---------------------------------------------------------------- network
  const network = (state) => {
    const was = net;
    net = state === "back" ? "" : state;
    if (state === "back" && was) live("Đã có mạng trở lại. Các ô đang chờ được gửi.");
    if (state === "lost" && was !== "lost") live("Mất mạng. Bạn cứ nhập tiếp, số sẽ tự gửi khi có mạng.");
    queue.busy.forEach((_, k) => cells.has(k) && draw(cells.get(k)));
    showNet();
  };
  const showNet = () => {
    const bar = part("net");
    const count = queue.waiting;
    bar.hidden = !net;
    if (net === "lost") {
      bar.textContent = count
        ? `Mất mạng. ${count} ô đang chờ gửi. Bạn cứ nhập tiếp, số sẽ tự gửi khi có mạng.`
        : "Mất mạng. Bạn cứ nhập tiếp, số sẽ tự gửi khi có mạng.";
    } else if (net === "busy") {
      bar.textContent = `Máy chủ đang bận. ${count} ô đang chờ gửi, sẽ tự gửi lại.`;
    } else if (net === "out") {
      bar.textContent = `Phiên làm việc đã hết. ${count} ô đang chờ gửi.`;
    }
  };
  window.addEventListener("offline", () => network("lost"));
  window.addEventListener("online", () => {
    if (net === "lost") network("back");
    refreshSoon();
  });

  // ---------------------------------------------------------------- drawing
  const input = make("input");
  input.type = "text";
  input.maxLength = 200;
  input.autocomplete = "off";
  input.spellcheck = false;
  const picker = make("button", "▾", "lv-pick");
  picker.type = "button";
  picker.tabIndex = -1;

  let active = null;
  let anchor = null;
  let editing = false;
  let currentUnit = Math.max(0, cols.findIndex((col) => col.th.classList.contains("on")));

  const stateOf = (cell) => {
    const fault = queue.faults[cell.k];
    if (fault) return fault.kind;
    if (queue.pending(cell.k) !== undefined) return "pending";
    if (cell.from !== null) return "changed";
    return cell.green ? "saved" : "";
  };
  const typedText = (cell) => {
    const fault = queue.faults[cell.k];
    const pending = queue.pending(cell.k);
    return fault ? fault.text : pending !== undefined ? pending : cell.text;
  };
  const surname = (name) => {
    const words = (name || "").split(",")[0].replace(/\(.*\)/, "").trim().split(/\s+/);
    return words.length ? `${words[words.length - 1].charAt(0)}.` : "";
  };

  const draw = (cell) => {
    const { td, row } = cell;
    const state = stateOf(cell);
    const hasInput = cell === active && cell.writable;
    const isWaiting = state === "pending" && (cell.slow || net === "lost");
    td.classList.toggle("refused", state === "refused");
    td.classList.toggle("conflict", state === "conflict" && !hasInput);
    td.classList.toggle("saving", isWaiting);
    td.classList.toggle("saved", state === "saved");
    td.classList.toggle("changed", state === "changed");
    td.classList.toggle("na", !state && !hasInput && cell.text === "không được giao");
    td.classList.toggle("focus", cell === active);
    // Until typing starts the points stay in sight beside what was typed.
    const isIdle = hasInput && !editing && row.entry && !["refused", "conflict", "pending"].includes(state) && Boolean(cell.points) && cell.text !== cell.points;
    td.classList.toggle("idle", isIdle);
    const nodes = [];
    let mark = "";
    let note = "";
    if (state === "refused") {
      mark = "✕";
      note = `✕ ${queue.faults[cell.k].message}`;
    } else if (state === "conflict") {
      const fault = queue.faults[cell.k];
      note = `! Bạn nhập ${shown(fault.text)}; ${fault.by} đã lưu ${shown(fault.theirs)}.`;
      if (hasInput) mark = "!";
    } else if (isWaiting) {
      mark = net === "lost" || net === "out" ? "chờ mạng" : "đang lưu…";
      note = mark === "chờ mạng" ? "Mất mạng, sẽ gửi lại khi có mạng" : "Đang lưu…";
    } else if (state === "changed") {
      mark = `từ ${cell.from || "trống"}`;
      note = `Đã đổi từ ${cell.from || "ô trống"}`;
    } else if (cell.at && !state.length) {
      mark = row.entry ? "✓" : `✓ ${cell.at}`;
    } else if (state === "saved") {
      mark = `✓ ${cell.at}`;
      note = `✓ Đã lưu ${cell.at}`;
    }
    td.classList.toggle("marked", isIdle && mark.length > 1);
    if (note) td.dataset.msg = note;
    else delete td.dataset.msg;
    if (cell.col.index === currentUnit) row.tr.dataset.msg = note;
    if (mark) nodes.push(make("span", mark, "mk"));
    if (hasInput) {
      if (!editing) input.value = typedText(cell);
      input.setAttribute("aria-labelledby", `k${row.c} u${cell.col.sheet}`);
      input.inputMode = row.mode;
      if (state === "refused" || state === "conflict") input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
      nodes.push(input);
      if (row.levels.length) nodes.push(picker);
      if (isIdle) nodes.push(make("span", cell.points, "p"));
    } else if (state === "conflict") {
      const fault = queue.faults[cell.k];
      nodes.push(make("span", "bạn "), make("b", shown(fault.text)), make("span", ` · ${surname(fault.by)} `), make("b", shown(fault.theirs)));
    } else if (state === "refused" || state === "pending") {
      nodes.push(make("span", typedText(cell), "p"));
    } else {
      if (row.entry && cell.text && cell.text !== cell.points && !(mark && mark.length > 1)) nodes.push(make("span", cell.text, "e"));
      nodes.push(make("span", cell.points, "p"));
    }
    const hadFocus = hasInput && document.activeElement === input;
    if (!(hadFocus && td.contains(input))) td.replaceChildren(...nodes);
    else {
      for (const node of Array.from(td.childNodes)) if (node !== input && node !== picker) node.remove();
      if (mark) td.prepend(nodes[0]);
      if (isIdle) td.append(nodes[nodes.length - 1]);
    }
  };
  for (const cell of cells.values()) if (cell.writable || queue.faults[cell.k]) draw(cell);

  // ---------------------------------------------------------------- strip and faults
  const tellStrip = () => {
    const where = part("where");
    const about = part("about");
    if (!active) return;
    const { row, col } = active;
    where.textContent = `${col.short} › ${row.code} ${row.title}`;
    const bits = [];
    const fact = (label, value) => {
      const span = make("span", `${label} `);
      span.append(make("b", value));
      bits.push(make("span", "", "sep"), span);
    };
    fact("tối đa", row.max);
    if (active.before) fact(set.before.toLowerCase(), active.before);
    if (active.text) {
      fact("đang giữ", row.entry && active.points && active.points !== active.text ? `${active.text} = ${active.points}` : active.points || active.text);
      if (active.held) {
        const words = active.held.split(", ");
        const who = words[0] === set.me ? "bạn" : words[0];
        const span = make("span", `(${who}, ${words[words.length - 1]})`, "who");
        span.title = active.held;
        bits.push(span);
      }
    }
    bits.push(make("span", "", "sep"));
    const open = (words, href) => {
      const link = make("a", words);
      link.href = href;
      link.target = "_blank";
      link.rel = "noopener";
      bits.push(link);
    };
    if (active.papers || active.writable) open(active.papers ? `${active.papers} minh chứng` : "Minh chứng", addressOf(set.notes, active));
    open("Vì sao?", whyUrl(active));
    if (active.writable) bits.push(make("span", "", "sep"), make("span", row.hint, "muted"));
    else bits.push(make("span", "", "sep"), make("span", col.th.querySelector("[data-state]").textContent === "đơn vị của bạn" ? "Bạn không chấm đơn vị của mình." : "Chỉ xem.", "muted"));
    about.replaceChildren(...bits);
  };
  const addressOf = (pattern, cell) => pattern.replace("/0/0/", `/${cell.col.unit}/${cell.row.c}/`);
  const whyUrl = (cell) => addressOf(set.why, cell);

  const faultCells = () => leaves.flatMap((row) => cols.map((col) => cellAt(row, col))).filter((cell) => queue.faults[cell.k]);
  let shownFault = 0;
  const act = (text, deed) => {
    const button = make("button", text, "btn btn-plain btn-sm");
    button.type = "button";
    button.addEventListener("click", deed);
    return button;
  };
  const showFaults = () => {
    const panel = part("faults");
    const found = faultCells();
    panel.hidden = !found.length;
    panel.setAttribute("aria-label", `${found.length} ô chưa lưu`);
    shownFault = Math.min(shownFault, Math.max(0, found.length - 1));
    const list = found.map((cell, index) => {
      const fault = queue.faults[cell.k];
      const item = make("li", "", fault.kind === "conflict" ? "conf" : "");
      if (index === shownFault) item.classList.add("first");
      const why = make("span", "", "why");
      const link = make("button", place(cell), `as-link ${fault.kind === "conflict" ? "warn" : "bad"}`);
      link.type = "button";
      link.addEventListener("click", () => select(cell));
      if (fault.kind === "conflict") {
        item.append(make("span", "! Hai giá trị", "kind"));
        why.append(link, ": bạn nhập ", make("b", shown(fault.text)), `; ${fault.by} đã lưu `, make("b", shown(fault.theirs)), ` lúc ${fault.at}. Chọn một giá trị, chưa giá trị nào bị mất.`);
        item.append(why, act(`Dùng ${shown(fault.text)} của tôi`, () => settleFault(cell, true)), act(`Giữ ${shown(fault.theirs)}`, () => settleFault(cell, false)));
      } else {
        item.append(make("span", "✕ Chưa lưu", "kind"));
        why.append(link, `: ${fault.message}${/Ô vẫn giữ/.test(fault.message) ? "" : ` Ô vẫn giữ ${cell.points ? `điểm cũ ${cell.points}` : "trống"}.`}`);
        item.append(why, act(cell.points ? `Lấy lại ${cell.points}` : "Để trống lại", () => settleFault(cell, false)), act("Sửa ô", () => select(cell, { edit: true })));
      }
      if (found.length > 1) {
        const more = make("button", `${index + 1} trên ${found.length} ô · ô sau`, "more as-link");
        more.type = "button";
        more.addEventListener("click", () => walkFaults(1));
        item.insertBefore(more, why);
      }
      return item;
    });
    panel.querySelector("ol").replaceChildren(...list);
    tellUnit();
  };
  const settleFault = (cell, mine) => {
    const fault = queue.faults[cell.k];
    editing = false;
    if (mine) {
      put([{ k: cell.k, text: fault.text }]);
    } else {
      queue.drop(cell.k);
      unsay(cell);
      cell.from = null;
      draw(cell);
      showFaults();
    }
    select(cell);
  };
  const walkFaults = (step) => {
    const found = faultCells();
    if (!found.length) return;
    const here = found.indexOf(active);
    const next = here < 0 ? (step > 0 ? 0 : found.length - 1) : (here + step + found.length) % found.length;
    shownFault = next;
    select(found[next]);
    showFaults();
  };

  // ---------------------------------------------------------------- selection
  const visible = (row) => !row.tr.hidden;
  const shownLeaves = () => leaves.filter(visible);
  const range = () => {
    if (!active || !anchor) return [];
    const lines = shownLeaves();
    const [top, bottom] = [lines.indexOf(anchor.row), lines.indexOf(active.row)].sort((a, b) => a - b);
    const [left, right] = [anchor.col.index, active.col.index].sort((a, b) => a - b);
    return lines.slice(Math.max(top, 0), bottom + 1).map((row) => cols.slice(left, right + 1).map((col) => cellAt(row, col)));
  };
  let marked = [];
  const showRange = () => {
    marked.forEach((cell) => {
      cell.td.classList.remove("sel");
      cell.td.removeAttribute("aria-selected");
    });
    const block = range();
    marked = block.length > 1 || (block[0] && block[0].length > 1) ? block.flat() : [];
    marked.forEach((cell) => {
      cell.td.classList.add("sel");
      cell.td.setAttribute("aria-selected", "true");
    });
  };
  const select = (cell, { extend = false, edit = false, focus = true } = {}) => {
    if (!cell) return;
    if (active && active !== cell) commit();
    if (!visible(cell.row)) unfoldTo(cell.row);
    if (cell.col.index !== currentUnit) showUnit(cell.col.index);
    const was = active;
    active = cell;
    editing = false;
    if (!extend) anchor = cell;
    if (was && was !== cell) {
      was.td.tabIndex = -1;
      if (was.from !== null) was.from = null;
      draw(was);
    }
    draw(cell);
    if (!cell.writable) cell.td.tabIndex = 0;
    if (focus) {
      if (cell.writable) {
        input.focus({ preventScroll: true });
        if (edit) {
          startEditing();
        } else input.select();
      } else cell.td.focus({ preventScroll: true });
    }
    cell.td.scrollIntoView({ block: phone.matches ? "center" : "nearest", inline: "nearest" });
    showRange();
    tellStrip();
  };
  const startEditing = () => {
    editing = true;
    active.td.classList.remove("idle", "marked");
    input.setSelectionRange(input.value.length, input.value.length);
  };
  const step = (rowsDown, colsRight, extend = false) => {
    const lines = shownLeaves();
    const at = lines.indexOf(active.row);
    const row = lines[Math.max(0, Math.min(lines.length - 1, at + rowsDown))];
    const col = cols[Math.max(0, Math.min(cols.length - 1, active.col.index + colsRight))];
    select(cellAt(row, col), { extend });
  };
  const nextWritable = (direction) => {
    const order = shownLeaves().flatMap((row) => cols.filter((col) => cellAt(row, col).writable).map((col) => cellAt(row, col)));
    const all = shownLeaves().flatMap((row) => cols.map((col) => cellAt(row, col)));
    const here = all.indexOf(active);
    return direction > 0 ? order.find((cell) => all.indexOf(cell) > here) : order.filter((cell) => all.indexOf(cell) < here).pop();
  };
  const screenful = () => Math.max(3, Math.floor((box.clientHeight - 140) / 30));

  // ---------------------------------------------------------------- changes
  const done = [];
  let undone = [];
  const change = (changes, remember = true) => {
    const real = changes.filter(({ cell, text }) => text.trim() !== typedText(cell) || queue.faults[cell.k]);
    if (!real.length) return;
    if (remember) {
      done.push(real.map(({ cell, text }) => ({ k: cell.k, from: cell.text, to: text.trim() })));
      if (done.length > 200) done.shift();
      undone = [];
    }
    put(real.map(({ cell, text }) => ({ k: cell.k, text: text.trim() })));
    try {
      localStorage.setItem(`${foldName}:last`, real[0].cell.row.c);
    } catch {
      // No store: only the place of the last edit is forgotten.
    }
  };
  const commit = () => {
    if (!editing || !active) return;
    editing = false;
    const text = input.value;
    const cell = active;
    queue.setDraft(null);
    if (text.trim() === typedText(cell)) draw(cell);
    else change([{ cell, text }]);
  };
  const revert = () => {
    editing = false;
    queue.setDraft(null);
    draw(active);
    input.select();
  };
  const travel = (from, to, side) => {
    const deed = from.pop();
    if (!deed) return;
    to.push(deed);
    editing = false;
    change(deed.map(({ k, from: old, to: fresh }) => ({ cell: cells.get(k), text: side === "undo" ? old : fresh })), false);
    select(cells.get(deed[0].k));
  };

  // ---------------------------------------------------------------- keys
  const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  let caretMode = false; // F2: arrows move in the text
  const onKey = (event) => {
    if (!active || event.isComposing || event.keyCode === 229) return;
    const { key, ctrlKey, shiftKey, altKey, metaKey } = event;
    const ctrl = ctrlKey || metaKey;
    const stop = () => event.preventDefault();
    if (key === "F8") {
      stop();
      commit();
      walkFaults(shiftKey ? -1 : 1);
    } else if (ctrl && key === "Enter") {
      stop();
      commit();
      if (set.why) window.open(whyUrl(active), "_blank", "noopener");
    } else if (altKey && key === "ArrowDown") {
      stop();
      openLevels();
    } else if (altKey) {
      return;
    } else if (ARROWS[key]) {
      if (ctrl) return;
      if (editing && caretMode && (key === "ArrowLeft" || key === "ArrowRight")) return;
      if (editing && shiftKey) return;
      stop();
      commit();
      caretMode = false;
      step(...ARROWS[key], shiftKey);
    } else if (key === "Enter") {
      stop();
      commit();
      step(shiftKey ? -1 : 1, 0);
    } else if (key === "Tab") {
      commit();
      const next = nextWritable(shiftKey ? -1 : 1);
      if (next) {
        stop();
        select(next);
      }
    } else if (key === "PageUp" || key === "PageDown") {
      stop();
      commit();
      step(key === "PageUp" ? -screenful() : screenful(), 0);
    } else if (key === "F2") {
      stop();
      if (active.writable) {
        caretMode = true;
        startEditing();
      }
    } else if (key === "Escape") {
      stop();
      if (editing) revert();
      else leave();
    } else if (!editing) {
      onIdleKey(event, ctrl, stop);
    }
  };
  const onIdleKey = (event, ctrl, stop) => {
    const { key, shiftKey } = event;
    if (key === "Home" || key === "End") {
      stop();
      const lines = shownLeaves();
      const row = ctrl ? lines[key === "Home" ? 0 : lines.length - 1] : active.row;
      select(cellAt(row, cols[key === "Home" ? 0 : cols.length - 1]), { extend: shiftKey });
    } else if (key === "Delete" || key === "Backspace") {
      stop();
      change(range().flat().filter((cell) => cell.writable).map((cell) => ({ cell, text: "" })));
      input.value = active.writable ? typedText(active) : "";
      draw(active);
    } else if (ctrl && key.toLowerCase() === "z") {
      stop();
      if (shiftKey) travel(undone, done, "redo");
      else travel(done, undone, "undo");
    } else if (ctrl && key.toLowerCase() === "y") {
      stop();
      travel(undone, done, "redo");
    } else if (key === "?") {
      stop();
      openDialog("keys");
    }
  };
  const leave = () => {
    const strip = part("strip");
    strip.tabIndex = -1;
    strip.focus();
  };
  box.addEventListener("keydown", (event) => {
    if (cellOf(event.target)) onKey(event);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "?" || event.target !== document.body) return;
    event.preventDefault();
    openDialog("keys");
  });
  input.addEventListener("input", () => {
    if (!editing) {
      editing = true;
      caretMode = false;
      active.td.classList.remove("idle", "marked");
    }
    queue.setDraft({ k: active.k, text: input.value });
  });
  box.addEventListener("focusout", (event) => {
    if (event.target === input && !box.contains(event.relatedTarget) && document.hasFocus()) commit();
  });
  window.addEventListener("blur", () => commit());

  // ---------------------------------------------------------------- mouse
  let dragging = false;
  box.addEventListener("mousedown", (event) => {
    if (event.button !== 0 || event.target.closest("button")) return;
    const cell = cellOf(event.target);
    if (!cell) return;
    if (event.target === input && (editing || event.detail > 1)) return;
    event.preventDefault();
    select(cell, { extend: event.shiftKey });
    dragging = true;
  });
  box.addEventListener("mouseover", (event) => {
    if (!dragging || event.buttons !== 1) return;
    const cell = cellOf(event.target);
    if (cell && cell !== active && !editing) select(cell, { extend: true });
  });
  document.addEventListener("mouseup", () => {
    dragging = false;
  });
  box.addEventListener("dblclick", (event) => {
    const cell = cellOf(event.target);
    if (cell && cell.writable) {
      caretMode = true;
      select(cell, { edit: true });
    }
  });
  picker.addEventListener("click", () => openLevels());

  // ---------------------------------------------------------------- dialogs
  const openDialog = (name) => {
    const one = dialog(name);
    if (!one.open) one.showModal();
    return one;
  };
  document.querySelectorAll("dialog[data-dialog]").forEach((one) => {
    one.addEventListener("click", (event) => {
      if (event.target.closest("[data-no]")) one.close();
    });
    one.addEventListener("close", () => {
      if (active && one.dataset.dialog !== "login") select(active);
    });
  });
  const openLevels = () => {
    if (!active || !active.writable || !active.row.levels.length) return;
    const cell = active;
    const one = openDialog("levels");
    one.querySelector("h2").textContent = `Chọn một mức: ${place(cell)}`;
    const buttons = cell.row.levels.map((level) => {
      const button = make("button", level, "btn btn-plain");
      button.type = "button";
      if (level === cell.text) button.setAttribute("aria-pressed", "true");
      button.addEventListener("click", () => {
        editing = false;
        queue.setDraft(null);
        change([{ cell, text: level }]);
        one.close();
      });
      return button;
    });
    one.querySelector("[data-level-list]").replaceChildren(...buttons);
    (buttons.find((button) => button.hasAttribute("aria-pressed")) || buttons[0]).focus();
  };
  dialog("levels").addEventListener("keydown", (event) => {
    const buttons = Array.from(dialog("levels").querySelectorAll("[data-level-list] button"));
    const here = buttons.indexOf(document.activeElement);
    if (here < 0 || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
    event.preventDefault();
    buttons[(here + (event.key === "ArrowDown" ? 1 : buttons.length - 1)) % buttons.length].focus();
  });

  // ---------------------------------------------------------------- copy and paste
  const quoted = (text) => (/[\t\n"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  box.addEventListener("copy", (event) => {
    if (!active || editing || !cellOf(event.target)) return;
    event.preventDefault();
    event.clipboardData.setData("text/plain", range().map((line) => line.map((cell) => quoted(typedText(cell))).join("\t")).join("\n"));
  });
  const parseBlock = (text) => {
    const lines = [[""]];
    let inQuotes = false;
    const source = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
    for (let index = 0; index < source.length; index += 1) {
      const sign = source[index];
      const line = lines[lines.length - 1];
      if (inQuotes) {
        if (sign !== '"') line[line.length - 1] += sign;
        else if (source[index + 1] === '"') {
          line[line.length - 1] += '"';
          index += 1;
        } else inQuotes = false;
      } else if (sign === '"' && line[line.length - 1] === "") inQuotes = true;
      else if (sign === "\t") line.push("");
      else if (sign === "\n") lines.push([""]);
      else line[line.length - 1] += sign;
    }
    return lines;
  };
  box.addEventListener("paste", (event) => {
    if (!active || !cellOf(event.target)) return;
    const text = event.clipboardData.getData("text/plain");
    if (editing && !/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    editing = false;
    queue.setDraft(null);
    pasteBlock(parseBlock(text));
  });
  const pasteBlock = (block) => {
    const lines = shownLeaves();
    const targets = range();
    const top = lines.indexOf(targets[0][0].row);
    const left = targets[0][0].col.index;
    const single = block.length === 1 && block[0].length === 1;
    const changes = [];
    let closed = 0;
    let outside = 0;
    const aim = (cell, text) => {
      if (cell.writable) changes.push({ cell, text });
      else closed += 1;
    };
    if (single) targets.flat().forEach((cell) => aim(cell, block[0][0]));
    else {
      block.forEach((line, down) => line.forEach((text, right) => {
        const row = lines[top + down];
        const col = cols[left + right];
        if (row && col) aim(cellAt(row, col), text);
        else outside += 1;
      }));
    }
    const real = changes.filter(({ cell, text }) => text.trim() !== typedText(cell));
    const skipped = [];
    if (closed) skipped.push(`${closed} ô chỉ xem được bỏ qua`);
    if (outside) skipped.push(`${outside} ô nằm ngoài bảng được bỏ qua`);
    if (real.length > PREVIEW_ABOVE) previewPaste(real, skipped);
    else {
      change(real);
      draw(active);
      input.select();
      if (skipped.length) live(`Đã dán ${real.length} ô; ${skipped.join("; ")}.`);
    }
  };
  const previewPaste = (real, skipped) => {
    const one = openDialog("paste");
    one.querySelector("[data-paste-words]").textContent = `${real.length} ô sẽ đổi${skipped.length ? `; ${skipped.join("; ")}` : ""}. Ô nào sai được báo sau khi dán, số cũ vẫn giữ.`;
    const grid = make("table", "", "table table-sm");
    const head = grid.createTHead().insertRow();
    ["Đơn vị", "Tiêu chí", "Đang giữ", "Sẽ dán"].forEach((word) => {
      const th = make("th", word);
      th.scope = "col";
      head.append(th);
    });
    const body = grid.createTBody();
    real.slice(0, 200).forEach(({ cell, text }) => {
      const line = body.insertRow();
      [cell.col.short, cell.row.code, typedText(cell), text.trim()].forEach((word) => line.append(make("td", word)));
    });
    one.querySelector("[data-paste-table]").replaceChildren(grid);
    one.querySelector("[data-yes]").onclick = () => {
      one.close();
      change(real);
    };
  };

  // ---------------------------------------------------------------- sign in again
  let expected = set.user;
  const askSignIn = (answer) => {
    net = "out";
    if (answer.csrf_token) queue.token = answer.csrf_token;
    set.loginAt = answer.sign_in_url || set.login;
    showNet();
    live("Phiên làm việc đã hết. Đăng nhập lại ở đây, những gì bạn gõ vẫn còn.");
    const one = openDialog("login");
    one.querySelector("[name=password]").focus();
  };
  const loginFault = (text) => {
    document.querySelector("[data-login-fault]").textContent = text;
  };
  const backAgain = (token) => {
    net = "";
    loginFault("");
    dialog("login").close();
    live("Đã đăng nhập lại. Các ô đang chờ được gửi.");
    queue.resume(token);
    showNet();
    refreshSoon();
    if (active) select(active);
  };
  document.querySelector("[data-login-form]").addEventListener("submit", async (event) => {
    event.preventDefault();
    const fields = event.target.elements;
    const body = new URLSearchParams({ login: fields.login.value, password: fields.password.value });
    let answer = {};
    let response = null;
    try {
      const headers = { "X-CSRFToken": queue.token, "X-Requested-With": "XMLHttpRequest", Accept: "application/json" };
      response = await fetch(set.loginAt || set.login, { method: "POST", headers, body, credentials: "same-origin" });
      answer = await response.json();
    } catch {
      answer = {};
    }
    fields.password.value = "";
    const fresh = response && response.headers.get("X-New-CSRF-Token");
    if (fresh) queue.token = fresh;
    if (answer.user_id && String(answer.user_id) !== expected) {
      location.reload();
    } else if (answer.user_id) {
      backAgain(answer.csrf_token);
    } else if (answer.location) {
      loginFault("Tài khoản này cần thêm mã xác thực. Bấm “Đăng nhập ở thẻ khác”, xong quay lại đây bấm “Đã đăng nhập, gửi tiếp”.");
    } else {
      const found = (answer.form && answer.form.errors) || [];
      const fieldErrors = Object.values((answer.form && answer.form.fields) || {}).flatMap((field) => field.errors || []);
      loginFault([...found, ...fieldErrors][0] || "Chưa đăng nhập được. Kiểm tra mạng rồi thử lại.");
    }
  });
  document.querySelector("[data-login-done]").addEventListener("click", async () => {
    const numbers = await fetchNumbers();
    if (numbers && String(numbers.user) === expected) backAgain(numbers.token);
    else if (numbers) location.reload();
    else loginFault("Chưa thấy phiên đăng nhập mới. Đăng nhập ở thẻ khác rồi bấm lại.");
  });
  dialog("login").addEventListener("cancel", (event) => event.preventDefault());

  // ---------------------------------------------------------------- fresh numbers
  let since = set.now;
  let refreshTimer = 0;
  let isFetching = false;
  let wantsMore = false;
  const firstPlaces = new Map();
  const fetchNumbers = async () => {
    const from = new Date(Date.parse(since) - 60000).toISOString();
    try {
      const response = await fetch(`${set.numbers}&tu=${encodeURIComponent(from)}`, {
        headers: { "X-Requested-With": "XMLHttpRequest", Accept: "application/json" },
        credentials: "same-origin",
        redirect: "manual",
      });
      return response.ok ? await response.json() : null;
    } catch {
      return null;
    }
  };
  const refresh = async () => {
    if (isFetching) {
      wantsMore = true;
      return;
    }
    isFetching = true;
    const began = seq;
    const numbers = await fetchNumbers();
    isFetching = false;
    if (numbers && String(numbers.user) === expected) apply(numbers, began);
    if (wantsMore) {
      wantsMore = false;
      refreshSoon();
    }
  };
  const refreshSoon = () => {
    clearTimeout(refreshTimer);
    refreshTimer = setTimeout(refresh, 300);
  };
  const write = (td, text) => {
    if (td && td.textContent !== text) td.textContent = text;
  };
  const apply = (numbers, began) => {
    since = numbers.now;
    queue.token = queue.isPaused ? queue.token : numbers.token;
    const at = numbers.sheets.map((sheet) => cols.findIndex((col) => col.sheet === String(sheet)));
    const redraw = new Set();
    for (const [sheet, criterion, revision, text, held] of numbers.changed) {
      const cell = cells.get(`${sheet}-${criterion}`);
      if (!cell || cell.revision >= revision || queue.busy.has(cell.k) || queue.faults[cell.k] || (cell === active && editing)) continue;
      if (cell.text !== text) cell.from = cell.row.entry ? cell.text : cell.points;
      Object.assign(cell, { revision, text, held, at: "" });
      redraw.add(cell);
    }
    for (const row of rows) {
      const values = numbers.points[row.c];
      if (!values) continue;
      values.forEach((value, index) => {
        const col = cols[at[index]];
        if (!col) return;
        if (row.kind !== "leaf") write(row.tr.cells[FIRST + col.index], value);
        else {
          const cell = cellAt(row, col);
          if (cell.points === value || cell.seq > began || queue.busy.has(cell.k)) return;
          cell.points = value;
          redraw.add(cell);
        }
      });
    }
    redraw.forEach((cell) => {
      if (!(cell === active && editing)) draw(cell);
    });
    const foot = table.tFoot.rows;
    numbers.sheets.forEach((sheet, index) => {
      const col = cols[at[index]];
      if (!col) return;
      write(foot[0].cells[FIRST + col.index], numbers.totals[index]);
      write(foot[1].cells[FIRST + col.index], numbers.rates[index]);
      showPlace(foot[2].cells[FIRST + col.index], sheet, numbers.places[index], numbers.place_texts[index], numbers.missing[index]);
      write(col.th.querySelector("[data-state]"), numbers.states[index]);
    });
    part("count").textContent = `${numbers.filled} trên ${numbers.of} ô`;
    tellUnit();
    if (active && redraw.has(active)) tellStrip();
  };
  const showPlace = (td, sheet, place, text, missing) => {
    const first = firstPlaces.get(sheet);
    if (place !== null && first === undefined) firstPlaces.set(sheet, place);
    const moved = place !== null && first !== undefined && first !== place ? first - place : 0;
    if (place === null) td.replaceChildren(make("span", text || (missing ? "" : "đủ ô"), "mv"));
    else {
      td.replaceChildren(document.createTextNode(`${place} `));
      if (moved) {
        const mark = make("span", `${moved > 0 ? "▲" : "▼"}${Math.abs(moved)}`, "mv");
        mark.setAttribute("aria-label", `${moved > 0 ? "lên" : "xuống"} ${Math.abs(moved)} bậc`);
        mark.setAttribute("role", "img");
        td.append(mark);
      }
    }
  };
  Array.from(table.tFoot.rows[2].cells).slice(FIRST).forEach((td, index) => {
    const place = Number.parseInt(td.textContent, 10);
    if (/^\s*\d+\s*$/.test(td.textContent)) firstPlaces.set(Number(cols[index].sheet), place);
  });
  setInterval(() => {
    if (!document.hidden && !queue.isPaused) refresh();
  }, 30000);

  // ---------------------------------------------------------------- folding
  const foldName = `thidua-grid-fold:${set.user}:${set.scheme}`;
  let folded = new Set();
  const heads = rows.filter((row, index) => row.kind !== "leaf" && rows[index + 1] && rows[index + 1].depth > row.depth);
  const under = (head) => {
    const found = [];
    for (let index = head.index + 1; index < rows.length && rows[index].depth > head.depth; index += 1) found.push(rows[index]);
    return found;
  };
  const showFolds = () => {
    rows.forEach((row) => {
      row.tr.hidden = false;
    });
    heads.forEach((head) => {
      const isFolded = folded.has(head.c);
      head.button.setAttribute("aria-expanded", String(!isFolded));
      if (isFolded) under(head).forEach((row) => {
        row.tr.hidden = true;
      });
    });
  };
  const keepFolds = () => {
    try {
      localStorage.setItem(foldName, JSON.stringify([...folded]));
    } catch {
      // Folding then lasts for this visit.
    }
  };
  const unfoldTo = (row) => {
    heads.forEach((head) => {
      if (folded.has(head.c) && under(head).includes(row)) folded.delete(head.c);
    });
    showFolds();
    keepFolds();
  };
  heads.forEach((head) => {
    const th = head.tr.cells[0];
    const button = make("button", "", "fold");
    button.type = "button";
    button.append(...th.childNodes);
    button.addEventListener("click", () => {
      if (folded.has(head.c)) folded.delete(head.c);
      else {
        folded.add(head.c);
        if (active && under(head).includes(active.row)) commit();
      }
      showFolds();
      keepFolds();
    });
    th.append(button);
    head.button = button;
  });
  const restoreFolds = () => {
    let held = null;
    let last = null;
    try {
      held = JSON.parse(localStorage.getItem(foldName) || "null");
      last = localStorage.getItem(`${foldName}:last`);
    } catch {
      held = null;
    }
    if (Array.isArray(held)) folded = new Set(held);
    else if ("long" in set) {
      folded = new Set(heads.filter((head) => head.depth === 0).map((head) => head.c));
      const row = leaves.find((one) => one.c === last);
      if (row) heads.forEach((head) => under(head).includes(row) && folded.delete(head.c));
    }
    showFolds();
  };
  restoreFolds();

  // ---------------------------------------------------------------- one unit at a time (phone)
  const pick = part("unit-pick");
  const showUnit = (index) => {
    const old = currentUnit;
    currentUnit = (index + cols.length) % cols.length;
    for (const one of new Set([old, currentUnit])) {
      const isOn = one === currentUnit;
      for (const tr of table.rows) tr.cells[FIRST + one].classList.toggle("on", isOn);
    }
    pick.value = cols[currentUnit].code;
    tellUnit();
    tellRows();
  };
  const tellRows = () => {
    for (const row of leaves) {
      const cell = cellAt(row, cols[currentUnit]);
      row.tr.dataset.msg = cell.td.dataset.msg || "";
      row.tr.cells[0].dataset.info = `tối đa ${row.max}${cell.before ? ` · ${set.before.toLowerCase()} ${cell.before}` : ""}`;
    }
    for (const row of rows) if (row.kind !== "leaf") row.tr.cells[0].dataset.info = "";
  };
  const tellUnit = () => {
    const col = cols[currentUnit];
    part("unit-place").textContent = `Đơn vị ${currentUnit + 1} trên ${cols.length}`;
    const state = col.th.querySelector("[data-state]").textContent;
    part("unit-count").textContent = state;
    part("unit-total").textContent = table.tFoot.rows[0].cells[FIRST + currentUnit].textContent;
    const place = table.tFoot.rows[2].cells[FIRST + currentUnit].textContent.trim();
    part("unit-state").textContent = /^\d/.test(place) ? `hạng ${place}` : place || state;
    const count = faultCells().length;
    part("unit-faults").textContent = count ? `${count} ô cần sửa` : "";
    part("next-fault").hidden = !count;
  };
  pick.addEventListener("change", () => {
    commit();
    showUnit(cols.findIndex((col) => col.code === pick.value));
  });
  form.querySelectorAll("[data-unit-step]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => {
      commit();
      showUnit(currentUnit + Number(button.dataset.unitStep));
    });
  });
  part("next-fault").addEventListener("click", () => walkFaults(1));

  // ---------------------------------------------------------------- beginning and end
  form.querySelectorAll("[data-no-js]").forEach((one) => one.remove());
  form.classList.add("is-live");
  form.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("beforeunload", (event) => {
    commit();
    if (queue.isUnsaved()) event.preventDefault();
  });
  document.addEventListener("submit", (event) => {
    if (/dang-xuat|logout/.test(event.target.action || "")) window.thiduaGrid.forget("");
  });
  tellRows();
  tellUnit();
  showFaults();
  if (net === "lost" || queue.waiting) network(net || "back");
  queue.busy.forEach((_, k) => {
    const cell = cells.get(k);
    if (cell) {
      cell.slow = true;
      draw(cell);
    }
  });
  const draft = queue.draft;
  const first = leaves.map((row) => cols.map((col) => cellAt(row, col)).find((cell) => cell.writable)).find(Boolean) || (leaves[0] && cellAt(leaves[0], cols[0]));
  if (draft && cells.has(draft.k) && cells.get(draft.k).writable) {
    select(cells.get(draft.k));
    input.value = draft.text;
    editing = true;
  } else if (first) {
    // The place where Tab enters the grid; nothing takes the focus by itself.
    const entry = first;
    active = entry;
    anchor = entry;
    draw(entry);
    if (!entry.writable) entry.td.tabIndex = 0;
    entry.td.classList.remove("focus");
    active = entry;
  }
  input.addEventListener("focus", () => {
    if (active) {
      active.td.classList.add("focus");
      tellStrip();
    }
    if (!editing) input.select();
  });
  queue.pump();
})();
