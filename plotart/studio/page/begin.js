// Something new: what to draw, with which lines and pens, on which paper.

import {catalogue, get, post} from "./api.js";
import {pictureButton, takePictures} from "./drops.js";
import {el, fill, restyle, setText} from "./element.js";
import {header} from "./header.js";
import {icon} from "./icons.js";
import {lookPicture} from "./look_picture.js";
import {attempt, say, sayError} from "./notices.js";
import {paperColors, paperSelect, usualPaper} from "./papers.js";
import {penSwitches, setSelect} from "./pen_list.js";
import {easelAddress, go} from "./routes.js";
import {targetList} from "./targets.js";
import {maybe, t} from "./text.js";

const KINDS = ["picture", "target", "starter"], FEW = 4;
const LONGEST_PREVIEW = 320, MARGIN_MM = 10;

export async function openBegin(place) {
  const shop = await catalogue();
  const {pictures} = await get("/api/pictures");
  const wish = {
    kind: "picture", picture: null, target: null, starter: null, look: (shop.looks.find((look) => look.name === "engraving") ?? shop.looks[0])?.name,
    set: (shop.sets.find((set) => set.mine) ?? shop.sets.find((set) => set.name.includes("micron-05")) ?? shop.sets[0])?.name,
    only: null, size: usualPaper(shop.papers)?.name, landscape: false, paper: "#fbfaf5",
  };
  const setOf = () => shop.sets.find((set) => set.name === wish.set);

  // The pens that a motif is drawn with if nobody chooses, by set and paper: the server picks them.
  const picked = new Map();
  function fewPens() {
    const set = setOf(), key = `/api/sets/${encodeURIComponent(wish.set)}/few?paper=${encodeURIComponent(wish.paper)}`;
    if (!picked.has(key)) {
      picked.set(key, []);
      get(key).then(({pens}) => {
        picked.set(key, pens);
        showPens();
        show();
      }).catch(sayError);
    }
    return set.pens.filter((pen) => picked.get(key).includes(pen.name));
  }

  // What to draw.
  const tabs = el("div", {class: "tabs", role: "tablist", "aria-label": t("begin.what")}, KINDS.map((kind) =>
    el("button", {type: "button", role: "tab", id: `tab-${kind}`, "aria-controls": "begin-choice", onclick: () => chooseKind(kind), onkeydown: (event) => {
      const by = {ArrowRight: 1, ArrowLeft: -1}[event.key];
      if (!by) return;
      chooseKind(KINDS[(KINDS.indexOf(kind) + by + KINDS.length) % KINDS.length]);
      document.getElementById(`tab-${wish.kind}`).focus();
    }}, t(`begin.kind.${kind}`))));
  const what = el("div", {id: "begin-choice", role: "tabpanel"});
  const looks = el("div", {class: "looks", role: "radiogroup", "aria-label": t("begin.looks")}, shop.looks.map((look) =>
    el("button", {type: "button", class: "look", role: "radio", data: {look: look.name}, onclick: () => {
      wish.look = look.name;
      show();
    }}, lookPicture(look.name), el("strong", {}, look.name), el("span", {class: "soft"}, look.about))));

  // The sheet as it will lie there.
  const inner = el("div", {class: "preview-inner"}), sheet = el("div", {class: "preview-sheet"}, inner);
  const words = el("p", {class: "soft preview-words", "aria-live": "polite"});
  const drawButton = el("button", {type: "button", class: "button primary large draw-button", onclick: draw}, icon("go"), t("draw"));
  const penPlace = el("div", {}), choice = el("p", {class: "soft"});
  const orientation = el("div", {class: "segments", role: "radiogroup", "aria-label": t("paper.lies")}, [false, true].map((landscape) =>
    el("label", {}, el("input", {type: "radio", name: "landscape", checked: landscape === wish.landscape, onchange: () => {
      wish.landscape = landscape;
      show();
    }}), el("span", {}, t(landscape ? "paper.landscape" : "paper.portrait")))));
  const section = (key, ...children) => el("section", {class: "begin-section", "aria-labelledby": `begin-${key}`}, el("h2", {id: `begin-${key}`}, t(`begin.${key}`)), children);
  const lookSection = section("look", looks);
  const penSection = section("pens",
    el("div", {class: "wall-tools"}, setSelect(shop.sets, wish.set, (name) => {
      wish.set = name;
      wish.only = null;
      showPens();
      show();
    }), choice), penPlace);
  const paperSection = section("paper",
    el("div", {class: "wall-tools"},
      paperSelect(shop.papers, wish.size, (name) => {
        wish.size = name;
        show();
      }), orientation, paperColors(wish.paper, (color) => {
        wish.paper = color;
        showPens();
        show();
      })));

  function chooseKind(kind) {
    wish.kind = kind;
    showWhat();
    showPens();
    show();
  }

  function takePicture(picture) {
    if (!pictures.some((one) => one.name === picture.name)) pictures.unshift(picture);
    wish.picture = picture;
    wish.kind = "picture";
    if (picture.width) wish.landscape = picture.width > picture.height;
    orientation.querySelectorAll("input").forEach((input, i) => (input.checked = Boolean(i) === wish.landscape));
    showWhat();
    show();
  }

  function showWhat() {
    tabs.querySelectorAll("button").forEach((tab, i) => {
      tab.setAttribute("aria-selected", KINDS[i] === wish.kind);
      tab.tabIndex = KINDS[i] === wish.kind ? 0 : -1;
    });
    what.setAttribute("aria-labelledby", `tab-${wish.kind}`);
    if (wish.kind === "picture") {
      fill(what, el("div", {class: "drop-here"},
        el("p", {}, t("picture.drop")), pictureButton(t("picture.choose"), takePicture)),
      pictures.length > 0 && el("div", {class: "pictures", role: "radiogroup", "aria-label": t("picture.yours")}, pictures.slice(0, 24).map((picture) =>
        el("button", {type: "button", class: "picture", role: "radio", "aria-checked": picture.name === wish.picture?.name, "aria-label": picture.name, title: picture.name,
          onclick: (event) => {
            const image = event.currentTarget.querySelector("img");
            takePicture({...picture, width: image.naturalWidth, height: image.naturalHeight});
          }},
        el("img", {src: `${picture.url}?size=240`, alt: "", loading: "lazy"})))));
    } else if (wish.kind === "target") {
      fill(what, targetList(shop.targets, wish.target, (target) => {
        wish.target = target;
        show();
      }));
    } else {
      fill(what, starterList(shop.starters, wish.starter, (starter) => {
        wish.starter = starter;
        show();
      }));
    }
  }

  function showPens() {
    const set = setOf();
    if (!set) return;
    // For a photograph those are taken that mix its colours best, unless somebody chooses.
    const few = wish.kind === "target" ? fewPens().map((pen) => pen.name) : [];
    fill(penPlace, penSwitches(set, wish.only ?? few, (names) => {
      wish.only = names.length ? names : null;
      show();
    }, wish.paper));
  }

  const chosenPens = () => {
    const set = setOf();
    if (wish.only) return set.pens.filter((pen) => wish.only.includes(pen.name));
    return wish.kind === "target" ? fewPens() : set.pens;
  };

  function show() {
    const own = wish.kind !== "starter", paper = shop.papers.find((one) => one.name === wish.size);
    lookSection.hidden = wish.kind !== "picture";
    penSection.hidden = paperSection.hidden = !own;
    for (const look of looks.children) look.setAttribute("aria-checked", look.dataset.look === wish.look);
    const pens = own ? chosenPens() : [];
    setText(choice, wish.only ? t("begin.chosen", {n: wish.only.length})
      : wish.kind === "picture" ? t("begin.best", {n: Math.min(FEW, pens.length)}) : t("begin.some", {n: pens.length}));
    const [width, height] = wish.landscape ? [paper.height, paper.width] : [paper.width, paper.height];
    const zoom = LONGEST_PREVIEW / Math.max(width, height);
    sheet.hidden = !own;
    restyle(sheet, {width: `${width * zoom}px`, "aspect-ratio": `${width} / ${height}`, background: wish.paper});
    restyle(inner, {inset: `${(100 * MARGIN_MM) / height}% ${(100 * MARGIN_MM) / width}%`});
    if (wish.kind === "picture" && wish.picture) fill(inner, el("img", {src: wish.picture.url, alt: ""}));
    else if (wish.kind === "target" && wish.target) fill(inner, el("span", {class: "preview-target"}, wish.target.label));
    else fill(inner);
    setText(words, summary());
    drawButton.disabled = !wish[wish.kind];
    sheet.classList.toggle("dark-paper", Number.parseInt(wish.paper.slice(1, 3), 16) < 100);
  }

  function summary() {
    if (!wish[wish.kind]) return t(`begin.missing.${wish.kind}`);
    if (wish.kind === "starter") return wish.starter.about;
    return t(`begin.summary.${wish.kind}`, {
      name: wish.picture?.name ?? "", label: wish.target?.label ?? "", look: wish.look,
      paper: maybe("paper.name", wish.size), set: setOf().title || wish.set,
    });
  }

  function source() {
    if (wish.kind === "starter") return {starter: wish.starter.name};
    const paper = shop.papers.find((one) => one.name === wish.size);
    const own = {
      set: wish.set, paper: wish.paper, size: wish.landscape ? [paper.height, paper.width] : wish.size,
      ...(wish.only && {only: chosenPens().map((pen) => pen.name)}),
    };
    return wish.kind === "picture" ? {picture: wish.picture.name, look: wish.look, ...own} : {target: wish.target.term, ...own};
  }

  async function draw() {
    drawButton.disabled = true;
    const made = await attempt(() => post("/api/versions", {from: source(), draw: true}));
    drawButton.disabled = false;
    if (!made) return;
    say(t("begun", {name: made.name}));
    go(easelAddress(made.id));
  }

  fill(place,
    header({left: el("h1", {}, t("begin.title"))}),
    el("main", {class: "begin"},
      el("div", {class: "begin-form"}, section("what", tabs, what), lookSection, penSection, paperSection),
      el("aside", {class: "begin-preview", "aria-label": t("begin.preview")}, el("div", {class: "preview-place"}, sheet), words, drawButton)));
  showWhat();
  showPens();
  show();
  return takePictures(takePicture);
}

function starterList(starters, chosen, change) {
  const list = el("div", {class: "starters", role: "radiogroup", "aria-label": t("begin.kind.starter")});
  const buttons = starters.map((starter) => el("button", {
    type: "button", class: "starter", role: "radio", "aria-checked": starter.name === chosen?.name, onclick: (event) => {
      buttons.forEach((other) => other.setAttribute("aria-checked", other === event.currentTarget));
      change(starter);
    },
  }, el("strong", {}, starter.title || starter.name), el("span", {class: "soft"}, starter.about)));
  const find = el("input", {type: "search", "aria-label": t("begin.find"), placeholder: t("begin.find"), oninput: () => {
    const words = find.value.trim().toLowerCase();
    buttons.forEach((button, i) => (button.hidden = !`${starters[i].name} ${starters[i].title} ${starters[i].about}`.toLowerCase().includes(words)));
  }});
  fill(list, buttons);
  return el("div", {}, el("div", {class: "wall-tools"}, el("span", {class: "find"}, icon("search"), find)), list);
}
