// Steps through a history. The page holds all steps of a short one; of a long one, this makes the rows of a window.
'use strict';
(() => {
  const make = (tag, className, text, ...inner) => {
    const element = document.createElement(tag);
    if (className) { element.className = className; }
    if (text) { element.textContent = text; }
    element.append(...inner);
    return element;
  };

  const PLAY_MS = 900;
  const isStill = matchMedia('(prefers-reduced-motion: reduce)');

  class Explorer {
    constructor(root) {
      this.root = root;
      this.part = name => root.querySelector('[data-part=' + name + ']');
      this.data = JSON.parse(root.querySelector('script').textContent);
      this.steps = this.data.steps;
      this.isWhole = this.data.window >= this.steps.length;
      this.open = new Set();
      this.follow = '';
      this.find = '';
      this.applied = 0; // changes of so many steps are in the values
      this.values = new Map(this.data.words.map(w => [w.name, w.initial]));
      this.at = this.data.violation - 1;
      for (const name of ['bar', 'keys', 'beside']) { this.part(name).hidden = false; }
      this.playing = 0;
      this.listen();
      if (this.isWhole) {
        this.at = Math.max(0, this.steps.findIndex(s => !s.fold));
      }
      this.select(this.at, false);
    }

    listen() {
      this.root.addEventListener('click', e => {
        const action = e.target.closest('[data-do]');
        const row = e.target.closest('.step');
        if (action) {
          this.do(action.dataset.do);
        } else if (row && !e.target.closest('a')) {
          this.pause();
          this.select(row.dataset.step - 1);
        }
      });
      this.root.closest('article').addEventListener('click', e => {
        const go = e.target.closest('[data-go]');
        if (go) {
          e.preventDefault();
          this.pause();
          this.select(go.dataset.go - 1);
          this.focus();
        }
      });
      this.root.addEventListener('toggle', e => {
        const fold = Number(e.target.dataset.fold);
        if (e.target.open === this.open.has(fold)) { return; }
        if (e.target.open) { this.open.add(fold); } else { this.open.delete(fold); }
        if (!this.isWhole) { this.render(this.data.folds[fold - 1].first - 1); }
      }, true);
      this.part('follow').addEventListener('change', e => { this.follow = e.target.value; this.mark(); });
      this.part('find').addEventListener('input', e => { this.find = e.target.value.toLowerCase(); this.mark(); });
      this.part('find').addEventListener('keydown', e => {
        if (e.key === 'Enter') { e.preventDefault(); this.nextFound(e.shiftKey ? -1 : 1); }
        if (e.key === 'Escape') { this.focus(); }
      });
    }

    do(action) {
      active = this;
      if (action === 'play' && !this.playing) { this.play(); return; }
      this.pause();
      const last = this.steps.length;
      switch (action) {
        case 'on': this.select(this.next(this.at, 1)); break;
        case 'back': this.select(this.next(this.at, -1)); break;
        case 'first': this.select(this.next(-1, 1)); break;
        case 'last': this.select(this.next(last, -1)); break;
        case 'settled': if (this.data.inevitableFrom > 0) { this.select(this.data.inevitableFrom - 1); } break;
        case 'violation': this.select(this.data.violation - 1); break;
        case 'find': this.part('find').focus(); return;
        case 'earlier': this.render(Math.max(0, this.from - this.data.window), true); return;
        case 'later': this.render(this.to + this.data.window / 2, true); return;
      }
    }

    /** A step forward each time, to the end. Who wants no motion gets one step. */
    play() {
      const on = () => {
        const next = this.next(this.at, 1);
        if (next > this.at) { this.select(next); }
        if (next >= this.next(this.steps.length, -1)) { this.pause(); }
      };
      if (isStill.matches) { on(); return; }
      this.playing = setInterval(on, PLAY_MS);
      this.tellPlay();
    }

    pause() {
      clearInterval(this.playing);
      this.playing = 0;
      this.tellPlay();
    }

    tellPlay() { this.root.querySelector('[data-do=play]').setAttribute('aria-pressed', this.playing !== 0); }

    focus() { this.root.querySelector('.diagram').focus({ preventScroll: true }); }

    shown(i) {
      const step = this.steps[i];
      return this.follow !== '' ? this.isFollowed(step) : !step.fold || this.open.has(step.fold);
    }

    isFollowed(step) { return (step.topics || []).includes(Number(this.follow)); }

    isFound(step) {
      return [step.text, step.where || '', ...(step.events || [])].some(t => t.toLowerCase().includes(this.find));
    }

    /** The next step that is shown, or the same where there is none. */
    next(from, way) {
      for (let i = from + way; i >= 0 && this.steps.length > i; i += way) {
        if (this.shown(i)) { return i; }
      }
      return Math.min(Math.max(from, 0), this.steps.length - 1);
    }

    nextFound(way) {
      const count = this.steps.length;
      if (this.find === '') { return; }
      for (let k = 1; count >= k; k++) {
        const i = (this.at + way * k + count * 2) % count;
        if (this.isFound(this.steps[i])) { this.select(i); return; }
      }
    }

    row(i) { return this.root.querySelector('[data-step="' + (i + 1) + '"]'); }

    /** The other run of a pair goes where as much has been seen, and takes no other along. */
    select(i, scrolls = true, leads = true) {
      if (leads) { active = this; }
      this.at = i;
      const { fold } = this.steps[i];
      const details = fold && this.root.querySelector('[data-fold="' + fold + '"]');
      if (fold && !this.open.has(fold)) {
        this.open.add(fold);
        if (details && this.isWhole) { details.open = true; }
        if (!this.isWhole) { this.render(i); }
      } else if (!this.isWhole && (!this.row(i) || this.from === undefined)) {
        this.render(i);
      }
      this.mark();
      this.tell();
      if (scrolls) { this.row(i).querySelector('.box').scrollIntoView({ block: 'nearest', inline: 'nearest' }); }
      if (leads && this.partner) { this.partner.meet(this.data.seen[i]); }
    }

    meet(seen) {
      if (this.data.seen[this.at] !== seen) {
        this.select(this.data.seen.findIndex(s => s >= seen), true, false);
      }
    }

    /** Classes of the rows that are in the page. */
    mark() {
      const stored = (this.steps[this.at].arrows || []).map(a => a.stored);
      for (const row of this.root.querySelectorAll('.step')) {
        const step = this.steps[row.dataset.step - 1];
        const isSelected = row.dataset.step - 1 === this.at;
        row.classList.toggle('selected', isSelected);
        row.classList.toggle('source', stored.includes(Number(row.dataset.step)));
        row.classList.toggle('hit', (this.follow !== '' && this.isFollowed(step)) || (this.find !== '' && this.isFound(step)));
        if (isSelected) { row.setAttribute('aria-current', 'step'); } else { row.removeAttribute('aria-current'); }
      }
      this.root.classList.toggle('following', this.follow !== '' || this.find !== '');
      const hits = this.find !== '' ? this.steps.filter(s => this.isFound(s)).length
        : this.follow !== '' ? this.steps.filter(s => this.isFollowed(s)).length : -1;
      this.part('found').textContent = 0 > hits ? '' : hits === 1 ? '1 step' : hits + ' steps';
    }

    /** What stands beside the diagram. */
    tell() {
      const step = this.steps[this.at];
      for (; this.at + 1 > this.applied; this.applied++) {
        for (const [field, , after] of this.steps[this.applied].changes || []) { this.set(field, after); }
      }
      for (; this.applied > this.at + 1; this.applied--) {
        for (const [field, before] of this.steps[this.applied - 1].changes || []) { this.set(field, before); }
      }
      const changes = step.changes || [];
      this.part('title').textContent = 'Step ' + (this.at + 1) + ' of ' + this.steps.length + ': ' + this.data.lanes[step.lane].name;
      this.part('text').textContent = step.text + (step.where ? ' (' + step.where + ')' : '');
      this.part('events').replaceChildren(...(step.events || []).map(e => make('li', '', e)));
      this.part('changed').hidden = changes.length === 0;
      this.part('changes').replaceChildren(...changes.map(([field, before, after]) =>
        make('tr', '', '', make('th', '', field), make('td', '', before + ' → ' + after))));
      for (const row of this.part('words') ? this.part('words').rows : []) {
        const word = row.cells[0].textContent;
        row.cells[1].textContent = this.values.get(word);
        row.className = changes.some(([field]) => field === word) ? 'changed' : '';
      }
      this.tellSource(step.source);
    }

    set(field, value) { if (this.values.has(field)) { this.values.set(field, value); } }

    tellSource(source) {
      this.part('code').hidden = !source;
      this.part('file').textContent = source || '';
      const lines = [];
      for (const place of source ? source.split(', ') : []) {
        const [file, numbers] = place.split(':');
        const here = (numbers || '').split(',').map(Number);
        const known = this.data.sources[file] || {};
        const near = Object.keys(known).map(Number).filter(n => here.some(h => 4 > Math.abs(h - n)));
        const indents = near.map(n => known[n]).filter(l => l !== '').map(l => l.search(/\S/));
        const indent = Math.max(0, Math.min(...indents, 80));
        lines.push(...near.map(n =>
          make('span', here.includes(n) ? 'here' : '', String(n).padStart(5) + '  ' + known[n].slice(indent))));
      }
      if (lines.length === 0) { lines.push(make('span', '', 'The source was not at hand.')); }
      this.part('source').replaceChildren(...lines);
    }

    /** Rows around a step; a fold that is closed counts as one. */
    render(around, isStart = false) {
      const entries = (from, way, most) => {
        const found = [];
        for (let i = from; i >= 0 && this.steps.length > i && most > found.length; i += way) {
          const { fold } = this.steps[i];
          found.push(i);
          if (fold && !this.open.has(fold)) {
            i = (way > 0 ? this.data.folds[fold - 1].last : this.data.folds[fold - 1].first) - 1;
          }
        }
        return found;
      };
      const before = isStart ? 0 : this.data.window / 2;
      const first = entries(Math.min(around, this.steps.length - 1), -1, before + 1).pop();
      const window = entries(first, 1, this.data.window);
      const rows = [];
      let list = null;
      let within = 0;
      for (const i of window) {
        const { fold } = this.steps[i];
        if (!fold) {
          rows.push(this.make(i));
          within = 0;
          continue;
        }
        if (fold !== within) {
          const details = make('details', '', '', make('summary', '', this.data.folds[fold - 1].text), list = make('ol'));
          details.dataset.fold = fold;
          details.open = this.open.has(fold);
          rows.push(make('li', 'fold', '', details));
          within = fold;
        }
        if (this.open.has(fold)) { list.append(this.make(i)); }
      }
      this.from = first;
      const lastFold = this.steps[window.at(-1)].fold;
      this.to = lastFold && !this.open.has(lastFold) ? this.data.folds[lastFold - 1].last - 1 : window.at(-1);
      const more = (what, text) => {
        const button = make('button', '', text);
        button.type = 'button';
        button.dataset.do = what;
        return make('li', 'more', '', button);
      };
      if (first > 0) { rows.unshift(more('earlier', 'earlier steps')); }
      if (this.steps.length - 1 > this.to) { rows.push(more('later', 'later steps')); }
      this.part('steps').replaceChildren(...rows);
      this.mark();
    }

    /** A row as Explorer.razor makes it. */
    make(i) {
      const step = this.steps[i];
      const id = this.data.id + '-s' + (i + 1);
      const number = make('a', 'no', String(i + 1));
      number.href = '#' + id;
      number.dataset.go = i + 1;
      const box = make('span', 'box ' + this.data.lanes[step.lane].kind, '', make('span', '', step.text));
      box.style.setProperty('--at', step.lane + 2);
      if (step.where) { box.append(make('small', '', step.where)); }
      const arrows = (step.arrows || []).map(a => {
        const arrow = make('span', a.kind, '', make('span', '', a.text));
        arrow.style.setProperty('--from', Math.min(a.from, a.to) + 2);
        arrow.style.setProperty('--to', Math.max(a.from, a.to) + 3);
        return arrow;
      });
      const row = make('li', 'step', '', number, box, ...arrows, ...(step.marks || []).map(m => make('strong', 'mark', m)));
      row.id = id;
      row.dataset.step = i + 1;
      return row;
    }
  }

  let active = null;
  const explorers = [...document.querySelectorAll('.explorer')].map(root => new Explorer(root));
  active = explorers[0] || null;
  for (const pair of document.querySelectorAll('.pair')) {
    const [one, other] = explorers.filter(x => pair.contains(x.root));
    one.partner = other;
    other.partner = one;
  }
  const keys = { j: 'on', k: 'back', n: 'settled', v: 'violation', p: 'play', '/': 'find' };
  const inside = { ArrowDown: 'on', ArrowUp: 'back', Home: 'first', End: 'last' };
  document.addEventListener('keydown', e => {
    const at = e.target instanceof Element ? e.target : document.body;
    if (e.ctrlKey || e.altKey || e.metaKey || at.closest('input, select, textarea')) { return; }
    const own = at.closest('.explorer');
    const explorer = explorers.find(x => x.root === own) || active;
    const action = keys[e.key] || (own && inside[e.key]);
    if (!explorer || !action) { return; }
    e.preventDefault();
    explorer.do(action);
    if (action !== 'find') { explorer.focus(); }
  });
})();
