// A version on the easel: its sheet, and all that can be done with it.

import {catalogue, getBytes, patch, schema as loadSchema, studio, versionPath} from "./api.js";
import {cards} from "./cards.js";
import {el, fill, setText} from "./element.js";
import {figuresPanel} from "./figures.js";
import {readFrame} from "./frame.js";
import {configForm, sayEffect} from "./form.js";
import {hands} from "./hands.js";
import {withHands} from "./handiwork.js";
import {header, iconButton} from "./header.js";
import {onKeys} from "./keys.js";
import {live} from "./live.js";
import {menu} from "./menu.js";
import {attempt, say} from "./notices.js";
import {paperPanel} from "./paper.js";
import {pensPanel} from "./pens.js";
import {plotSheet} from "./plot_sheet.js";
import {openReplay} from "./replay.js";
import {compareAddress, easelAddress, go, wallAddress} from "./routes.js";
import {Schema} from "./schema.js";
import {Sheet} from "./sheet.js";
import {isUnderWay} from "./states.js";
import {sweepDialog} from "./sweeps.js";
import {t} from "./text.js";
import {transport} from "./transport.js";
import {Version} from "./version.js";
import {branch, discard} from "./wall.js";

const PANELS = ["figures", "pens", "settings", "paper"];
let panelShown = matchMedia("(min-width: 60rem)").matches ? "pens" : null;

export async function openEasel(place, id) {
  const version = new Version(id);
  const [shop, root, about] = await Promise.all([catalogue(), loadSchema(), studio(), version.load()]), schema = new Schema(root);

  // The sheet and what lies over it.
  const stage = el("div", {class: "stage", tabindex: "0", role: "group", "aria-label": t("stage")});
  const sheet = new Sheet(stage);
  const still = el("img", {class: "still", alt: "", hidden: true, draggable: "false"});
  const waiting = el("p", {class: "stage-words", hidden: true});
  const told = el("p", {class: "visually-hidden", role: "status"});
  const handwork = hands(version, sheet, stage);
  const zoom = el("div", {class: "zoom", role: "group", "aria-label": t("zoom")},
    iconButton("minus", t("zoom.out"), () => sheet.view.zoomBy(0.8)), iconButton("fit", t("zoom.fit"), () => sheet.view.fit()), iconButton("plus", t("zoom.in"), () => sheet.view.zoomBy(1.25)));
  stage.append(still, waiting, handwork.rail, zoom, handwork.bar, handwork.paintBar, told);
  sheet.overlays.add(layStill);
  const sheetPlot = plotSheet(sheet, stage, handwork.pick);
  sheetPlot.changed = showHands;

  // Panels.
  const panels = {
    figures: figuresPanel(version), pens: pensPanel(version), settings: configForm(version, schema, about.extras.text ? [] : ["text"]), paper: paperPanel(version, sheetPlot),
  };
  const drawerBody = el("div", {class: "drawer-body", id: "drawer-body", role: "tabpanel"});
  const tabs = el("div", {class: "tabs drawer-tabs", role: "tablist", "aria-label": t("panels")}, PANELS.map((name, i) =>
    el("button", {type: "button", role: "tab", id: `panel-tab-${name}`, "aria-controls": "drawer-body", title: `${t(`panel.${name}`)} (${i + 1})`,
      onclick: () => openPanel(panelShown === name ? null : name), onkeydown: (event) => {
        const by = {ArrowRight: 1, ArrowLeft: -1}[event.key];
        if (!by) return;
        const to = PANELS[(i + by + PANELS.length) % PANELS.length];
        openPanel(to);
        document.getElementById(`panel-tab-${to}`).focus();
      }}, t(`panel.${name}`))));
  const drawer = el("aside", {class: "drawer", "aria-label": t("panels")}, tabs, drawerBody);

  function openPanel(name) {
    panelShown = name;
    for (const [i, tab] of [...tabs.children].entries()) {
      tab.setAttribute("aria-selected", PANELS[i] === name);
      tab.tabIndex = PANELS[i] === (name ?? "figures") ? 0 : -1;
    }
    drawer.classList.toggle("closed", !name);
    easel.classList.toggle("wide", !name);
    drawerBody.setAttribute("aria-labelledby", `panel-tab-${name}`);
    if (name) {
      fill(drawerBody, panels[name]);
      panels[name].show();
    } else fill(drawerBody);
  }

  // The bars.
  const name = el("input", {type: "text", class: "version-name", "aria-label": t("version.name"), maxlength: "200", value: version.card.name, onchange: async () => {
    const card = await attempt(() => patch(versionPath(id), {name: name.value.trim()}));
    if (card) cards.put(card);
  }, onkeydown: (event) => event.key === "Enter" && name.blur()});
  const back = (action) => attempt(() => version.back(action));
  const undo = iconButton("undo", t("undo"), () => back("undo"));
  const redo = iconButton("redo", t("redo"), () => back("redo"));
  const more = menu(t("version.more"), () => [
    {words: t("card.branch"), icon: "branch", act: () => branch(version.card)},
    {words: t("sweep"), icon: "compare", act: () => sweepDialog(version, schema)},
    ...(version.card.parent ? [{words: t("compare.parent"), icon: "compare", act: () => go(compareAddress(version.card.parent, id))}] : []),
    ...(version.card.state === "done" ? [{words: t("report"), icon: "report", act: () => open(versionPath(id, "report"), "_blank", "noopener")}] : []),
    {words: t("card.delete"), icon: "trash", danger: true, act: async () => {
      await discard(version.card);
      go(wallAddress);
    }},
  ]);
  const bar = transport(version, {replay, paper: () => openPanel("paper")});
  const easel = el("div", {class: "easel"},
    header({left: name, right: [undo, redo, more]}),
    el("main", {class: "easel-main"}, stage, bar, drawer));
  fill(place, easel);

  let replaying = null, seen = false, lastState = "", newest = null, shownHands = "", plotted = null, askedFor = null;
  const saidEffects = new Set();

  async function replay() {
    if (replaying) return;
    replaying = await attempt(() => openReplay(stage, id, () => {
      replaying = null;
      sheet.view.fit();
    }));
  }

  /** The picture in the sheet's place, as long as there are no strokes to draw. */
  function layStill() {
    const {scale, x, y} = sheet.view, [width, height] = sheet.view.paper;
    still.style.setProperty("width", `${width * scale}px`);
    still.style.setProperty("height", `${height * scale}px`);
    still.style.setProperty("transform", `translate(${x}px, ${y}px)`);
  }

  /** Of what is not under way no more frames come: what is plotted of it is shown, until hands do something to it. */
  function showHands() {
    const {document: {hands: wanted, drawn}, card} = version, done = card.state === "done" && plotted;
    const now = JSON.stringify([wanted, drawn, Boolean(done), sheetPlot.on]);
    if (!(newest || done) || isUnderWay(card.state) || now === shownHands) return;
    shownHands = now;
    const frame = newest && withHands(newest, wanted, drawn ?? wanted), asDrawn = JSON.stringify(wanted) === JSON.stringify(drawn ?? wanted);
    sheet.show(frame, done && (asDrawn || !frame || sheetPlot.on) ? plotted : null);
    handwork.show();
  }

  async function loadPlotted() {
    const {state, picture} = version.card;
    if (state !== "done" || picture === askedFor) return;
    askedFor = picture;
    // A picture of pixels has none; the still shows it.
    const bytes = await getBytes(versionPath(id, "lines")).catch(() => null);
    if (!bytes?.byteLength || picture !== askedFor) return;
    sheetPlot.frame = plotted = readFrame(bytes);
    seen = true;
    show();
  }

  function show() {
    const {card, document, resolved} = version;
    loadPlotted();
    showHands();
    undo.disabled = !document.undo;
    redo.disabled = !document.redo;
    if (!name.matches(":focus")) name.value = card.name;
    globalThis.document.title = t("title.of", {name: card.name});
    if (!seen) {
      sheet.showPaper(...paperSize(resolved.page, shop.papers), resolved.page.color);
      still.hidden = !card.picture;
      if (card.picture && still.getAttribute("src") !== card.picture) still.src = card.picture;
    } else still.hidden = true;
    const words = card.state === "failed" ? card.message || t("state.failed") : seen || card.picture ? "" : t(`stage.${card.state}`);
    setText(waiting, words);
    waiting.hidden = !words;
    waiting.classList.toggle("fault", card.state === "failed");
    stage.dataset.state = card.state;
    if (lastState && lastState !== card.state) setText(told, t(`told.${card.state}`));
    lastState = card.state;
    bar.show();
    if (panelShown) panels[panelShown].show();
  }

  const ends = [
    live.on("frame", (frame) => {
      const first = !seen;
      seen = true;
      newest = frame;
      shownHands = "";
      if (isUnderWay(version.card.state)) sheet.show(frame);
      else showHands();
      bar.note(frame.header);
      panels.figures.note(frame);
      handwork.show();
      if (first) show();
    }),
    live.on("note", (message) => message.id === id && say(message.message)),
    live.on("download", ({id: whose, done, total}) => whose === id && bar.fetches(done, total)),
    live.on("gone", (message) => message.id === id && go(wallAddress)),
    version.on("card", show),
    version.on("document", show),
    version.on("effect", (done) => {
      // What becomes of changes to a finished drawing is said once.
      if (version.card.state === "done" && !done.message && saidEffects.has(done.effect)) return;
      if (version.card.state === "done") saidEffects.add(done.effect);
      sayEffect(done, version.card.state);
    }),
    version.on("moved", (done) => {
      if (done.message) say(done.message);
      go(easelAddress(done.id));
    }),
    onKeys({
      Space: () => !replaying && bar.space(), s: () => bar.step(),
      "Ctrl+z": () => back("undo"), "Ctrl+Shift+z": () => back("redo"), "Ctrl+y": () => back("redo"),
      0: () => sheet.view.fit(), "+": () => sheet.view.zoomBy(1.25), "-": () => sheet.view.zoomBy(0.8),
      ...Object.fromEntries(PANELS.map((panel, i) => [String(i + 1), () => openPanel(panelShown === panel ? null : panel)])),
    }),
  ];
  openPanel(panelShown);
  show();
  live.watch(id);
  return () => {
    live.watch(null);
    replaying?.();
    ends.forEach((end) => end());
    handwork.end();
    sheetPlot.end();
    sheet.end();
    version.end();
    panels.paper.end();
    panels.settings.end();
  };
}

/** Width and height in mm of a config's page. */
function paperSize({size, orientation}, papers) {
  const named = papers.find((paper) => paper.name === size);
  const [width, height] = named ? [named.width, named.height] : size.map(Number.parseFloat);
  return orientation === "landscape" ? [Math.max(width, height), Math.min(width, height)] : [width, height];
}
