// To paper: what each pen will draw and how long that takes, files for other machines, plotting, charts of one's pens.

import {alignDialog} from "./align.js";
import {get, post, versionPath} from "./api.js";
import {chartDialog} from "./charts.js";
import {el, fill} from "./element.js";
import {icon} from "./icons.js";
import {attempt} from "./notices.js";
import {plotting} from "./plotting.js";
import {bytes, duration, maybe, number, t} from "./text.js";

/** The panel; `end()` lets go of the plot's messages. */
export function paperPanel(version, sheetPlot) {
  const body = el("div", {}), plot = plotting({called: version.id, path: versionPath(version.id, "plot"), driver: () => version.resolved.export.driver}, sheetPlot);
  const charts = el("button", {type: "button", class: "text-button", onclick: chartDialog}, t("charts.open"));
  const align = el("button", {type: "button", class: "text-button", onclick: alignDialog}, t("align.open"));
  const panel = el("div", {class: "panel-body paper-panel"}, body, plot, el("h3", {}, t("charts")), el("p", {class: "soft"}, t("charts.lead")),
    el("div", {class: "row"}, charts, align));
  let shown = "";

  async function load() {
    const paper = await attempt(() => get(versionPath(version.id, "paper")));
    if (!paper) {
      shown = "";
      return;
    }
    const [{formats}, there] = await Promise.all([get("/api/formats"), get(versionPath(version.id, "files"))]);
    const files = el("ul", {class: "files", "aria-live": "polite"}), notes = el("div", {class: "warnings-place"});
    const list = el("details", {class: "more"}, el("summary", {}, t("files.all", {n: there.files.length})), el("ul", {class: "files"}, there.files.map(fileLine)));
    fill(body,
      el("dl", {class: "facts"},
        el("div", {}, el("dt", {}, t("paper.time")), el("dd", {}, duration(paper.seconds))),
        el("div", {}, el("dt", {}, t("paper.machine")), el("dd", {}, paper.machine))),
      paper.warnings.length > 0 && el("ul", {class: "warnings"}, paper.warnings.map((words) => el("li", {}, words))),
      el("ol", {class: "paper-pens"}, paper.pens.map((pen) => el("li", {},
        el("a", {href: pen.picture, target: "_blank", rel: "noopener", class: "pen-picture", "aria-label": t("paper.pen-alone", {name: pen.name})}, el("img", {src: pen.picture, alt: "", loading: "lazy"})),
        el("div", {}, el("strong", {}, el("i", {class: "dot", style: {background: pen.color}}), pen.name),
          el("span", {class: "soft"}, t("paper.nib", {n: number(pen.width, 2)})),
          el("span", {class: "soft"}, [t("lines", {n: pen.strokes}), t("metres", {n: number(pen.metres, 1)}), t("lifts", {n: pen.lifts}), duration(pen.seconds)].join(" · ")))))),
      el("h3", {}, t("files")), el("p", {class: "soft"}, t("files.lead")),
      el("div", {class: "row"},
        el("a", {class: "button", href: versionPath(version.id, "drawing.zip"), download: ""}, icon("download"), t("files.zip")),
        formats.filter((format) => !format.missing).map((format) => formatButton(format, files, notes))),
      notes, files, list);
  }

  const fileLine = (file) => el("li", {data: {name: file.name}}, el("a", {href: file.url, download: file.name.split("/").pop()}, icon("download"), file.name), el("span", {class: "soft"}, bytes(file.bytes)));

  /** A button that writes a format, with a list for what it has to be told, such as the dialect. */
  function formatButton(format, files, notes) {
    const choices = Object.entries(format.choices).map(([key, values]) => [key, el("select", {"aria-label": t("files.choice", {format: maybe("format", format.name), key})}, values.map((value) => el("option", {value}, value)))]);
    return el("span", {class: "format"}, el("button", {type: "button", class: "button", title: format.about, onclick: () =>
      write({type: format.name, ...Object.fromEntries(choices.map(([key, select]) => [key, select.value]))}, files, notes)}, maybe("format", format.name)), choices.map(([, select]) => select));
  }

  async function write(format, list, notes) {
    const made = await attempt(() => post(versionPath(version.id, "export"), {formats: [format]}));
    if (!made) return;
    for (const file of made.files) {
      [...list.children].find((item) => item.dataset.name === file.name)?.remove();
      list.prepend(fileLine(file));
    }
    fill(notes, made.notes?.length > 0 && el("ul", {class: "warnings"}, made.notes.map((words) => el("li", {}, words))));
  }

  panel.show = () => {
    const {state} = version.card, now = `${state} ${version.card.picture}`;
    plot.hidden = state !== "done";
    if (now === shown) return;
    shown = now;
    if (state === "done") {
      load();
      plot.load();
    } else fill(body, el("p", {class: "soft"}, t("paper.later")));
  };
  panel.end = plot.end;
  return panel;
}
