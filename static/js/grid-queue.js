// Changes of the score grid on their way to the server. Each is kept in this tab (sessionStorage, per person,
// bloc-year and step) until the server acknowledged it, and is sent again under the same key until then.
(() => {
  "use strict";

  const PREFIX = "thidua-grid:";
  const AT_ONCE = 4;
  const MOST_IN_PARCEL = 100;
  const TIMEOUT = 30000;
  const REFUSED = new Set([400, 403, 404, 413, 422, 423]);

  const uuid = () => {
    if (crypto.randomUUID) return crypto.randomUUID();
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  };

  // Nobody finds what another person typed in this browser.
  const forget = (keep) => {
    for (const name of Object.keys(sessionStorage)) {
      if (name.startsWith(PREFIX) && !(keep && name.startsWith(keep))) sessionStorage.removeItem(name);
    }
  };

  class GridQueue {
    // options: user, year, stage, save, saveMany, token; revision(k) -> number;
    // saved(k, answer), refused(k, fault), conflict(k, fault), net(state), signedOut(answer)
    constructor(options) {
      Object.assign(this, options);
      this.name = `${PREFIX}${this.user}:${this.year}:${this.stage}`;
      this.parcels = [];
      this.next = {};
      this.faults = {};
      this.draft = null;
      this.running = new Set();
      this.busy = new Map();
      this.failures = 0;
      this.isPaused = false;
      this.timer = 0;
      forget(`${PREFIX}${this.user}:`);
      this.restore();
      window.addEventListener("online", () => this.wake());
    }

    restore() {
      let held = null;
      try {
        held = JSON.parse(sessionStorage.getItem(this.name) || "null");
      } catch {
        held = null;
      }
      if (!held) return;
      this.parcels = held.parcels || [];
      this.next = held.next || {};
      this.faults = held.faults || {};
      this.draft = held.draft || null;
      for (const parcel of this.parcels) for (const cell of parcel.cells) this.busy.set(cell.k, cell.text);
    }

    keep() {
      const nothing = !this.parcels.length && !Object.keys(this.faults).length && !this.draft;
      try {
        if (nothing) sessionStorage.removeItem(this.name);
        else {
          const { parcels, next, faults, draft } = this;
          sessionStorage.setItem(this.name, JSON.stringify({ parcels, next, faults, draft }));
        }
      } catch {
        // A full or forbidden store: the page itself still holds everything.
      }
    }

    get waiting() {
      return this.busy.size;
    }

    // The text on its way for a cell, or undefined.
    pending(k) {
      return k in this.next ? this.next[k] : this.busy.get(k);
    }

    isUnsaved() {
      return this.busy.size > 0 || Object.keys(this.faults).length > 0;
    }

    setDraft(draft) {
      this.draft = draft;
      this.keep();
    }

    put(changes) {
      const fresh = [];
      for (const { k, text } of changes) {
        delete this.faults[k];
        if (this.busy.has(k)) this.next[k] = text;
        else {
          this.busy.set(k, text);
          fresh.push({ k, text, revision: this.revision(k) });
        }
      }
      for (let start = 0; start < fresh.length; start += MOST_IN_PARCEL) {
        this.parcels.push({ key: uuid(), cells: fresh.slice(start, start + MOST_IN_PARCEL) });
      }
      this.keep();
      this.pump();
    }

    wake() {
      clearTimeout(this.timer);
      this.timer = 0;
      this.pump(true);
    }

    resume(token) {
      if (token) this.token = token;
      this.isPaused = false;
      this.wake();
    }

    pump(force = false) {
      if (this.isPaused || (this.timer && !force)) return;
      for (const parcel of this.parcels) {
        if (this.running.size >= (this.failures ? 1 : AT_ONCE)) return;
        if (!this.running.has(parcel.key)) this.send(parcel);
      }
    }

    async send(parcel) {
      this.running.add(parcel.key);
      let response = null;
      let answer = null;
      try {
        response = await this.post(parcel);
        answer = await response.json().catch(() => ({}));
      } catch {
        response = null;
      }
      this.running.delete(parcel.key);
      this.settle(parcel, response, answer);
    }

    post(parcel) {
      const stop = new AbortController();
      const timer = setTimeout(() => stop.abort(), TIMEOUT);
      const headers = { "X-CSRFToken": this.token, "X-Requested-With": "XMLHttpRequest", Accept: "application/json" };
      let url = this.saveMany;
      let body;
      if (parcel.cells.length === 1) {
        const [{ k, text, revision }] = parcel.cells;
        const [sheet, criterion] = k.split("-");
        url = this.save;
        body = new URLSearchParams({ sheet, criterion, buoc: this.stage, text, revision, key: parcel.key });
      } else {
        headers["Content-Type"] = "application/json";
        const cells = parcel.cells.map(({ k, text, revision }) => [...k.split("-").map(Number), text, revision]);
        body = JSON.stringify({ buoc: this.stage, key: parcel.key, cells });
      }
      const sent = fetch(url, { method: "POST", headers, body, signal: stop.signal, credentials: "same-origin", redirect: "manual" });
      return sent.finally(() => clearTimeout(timer));
    }

    settle(parcel, response, answer) {
      const status = response ? response.status : 0;
      if (status === 401) {
        this.isPaused = true;
        this.signedOut(answer || {});
        return;
      }
      const fresh = response && response.headers.get("X-New-CSRF-Token");
      if (status === 403 && fresh && !parcel.renewed) {
        this.token = fresh;
        parcel.renewed = true;
        this.pump();
        return;
      }
      const known = (status === 200 && answer) || status === 409 || (REFUSED.has(status) && answer && answer.message);
      if (!known && !REFUSED.has(status)) {
        this.later(status);
        return;
      }
      if (this.failures) {
        this.failures = 0;
        this.net("back");
      }
      this.parcels = this.parcels.filter((one) => one !== parcel);
      const again = [];
      parcel.cells.forEach((cell, index) => {
        const one = answer && answer.cells ? answer.cells[index] : answer || {};
        this.tell(cell, one.status || status, one, again);
      });
      this.keep();
      if (again.length) this.put(again);
      else this.pump();
    }

    tell(cell, status, answer, again) {
      const { k } = cell;
      this.busy.delete(k);
      const newer = this.next[k];
      delete this.next[k];
      if (status === 200) {
        this.saved(k, answer);
        if (newer !== undefined && newer !== answer.text) again.push({ k, text: newer });
      } else if (status === 409) {
        const fault = { kind: "conflict", text: newer === undefined ? cell.text : newer, ...answer };
        this.faults[k] = fault;
        this.conflict(k, fault);
      } else if (newer !== undefined) {
        again.push({ k, text: newer });
      } else {
        const why = answer.message || "Máy chủ không nhận số này. Tải lại trang rồi nhập lại.";
        const fault = { kind: "refused", text: cell.text, message: why };
        this.faults[k] = fault;
        this.refused(k, fault);
      }
    }

    later(status) {
      this.failures += 1;
      this.net(status ? "busy" : "lost");
      const wait = Math.min(30000, 1000 * 2 ** Math.min(this.failures - 1, 5));
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.wake(), wait * (0.8 + Math.random() * 0.4));
    }

    drop(k) {
      delete this.faults[k];
      this.keep();
    }
  }

  window.thiduaGrid = { GridQueue, forget };
})();
