// Runs a script that was written as a browser's worker, and writes the last SVG path that it posts to a file.
//
//     node web_worker.js FOLDER SCRIPT RGBA_FILE SETTINGS_JSON PATH_FILE
//
// Settings override the defaults of the script's own sliders; they must have width and height in px.
const fs = require('fs')
const path = require('path')
const vm = require('vm')

const [folder, script, image, given, out] = process.argv.slice(2)
const config = {}
let drawn = ''

global.self = global
global.postMessage = ([kind, data]) => {
  if (kind === 'svg-path') drawn = data
  if (kind === 'sliders') {
    for (const { label, type, value, checked, options } of data) {
      config[label] = type === 'checkbox' ? Boolean(checked) : value !== undefined ? value : options[0]
    }
  }
}
global.importScripts = (...names) => names.forEach(name => {
  vm.runInThisContext(fs.readFileSync(path.join(folder, name), 'utf8'), { filename: name })
})

importScripts(script)
Object.assign(config, JSON.parse(given))
const data = new Uint8ClampedArray(fs.readFileSync(image))
global.onmessage({ data: [config, { data, width: config.width, height: config.height }] })
process.on('exit', () => fs.writeFileSync(out, drawn))
