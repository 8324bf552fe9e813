package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// The picture's measures in pixels. Most monospaced fonts are about 0.6 times as wide as they are high.
const (
	fontSize   = 14
	charWidth  = 8.5
	lineHeight = 20
	margin     = 20
)

// colours maps the parameters of "select graphic rendition" that Terraform uses to styles on a dark ground.
var colours = map[string]string{
	"1":  "font-weight:bold",
	"4":  "text-decoration:underline",
	"31": "fill:#ff7b72",
	"32": "fill:#7ee787",
	"33": "fill:#e3b341",
	"36": "fill:#76e3ea",
	"90": "fill:#8b949e",
}

var escape = regexp.MustCompile("\x1b\\[[0-9;]*m")

// draw makes an SVG of lines of a terminal. A line that begins with "# " or "$ " is ours, not Terraform's.
func draw(recorded []string) []byte {
	lines := shorten(recorded)
	width := 0
	for _, line := range lines {
		width = max(width, utf8.RuneCountInString(escape.ReplaceAllString(line, "")))
	}
	var svg bytes.Buffer
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%d" font-size="%d" `+
		`font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" fill="#e6edf3">`+"\n",
		2*margin+charWidth*float64(width), 2*margin+lineHeight*len(lines), fontSize)
	svg.WriteString(`<rect width="100%" height="100%" rx="8" fill="#0d1117"/>` + "\n")
	for i, line := range lines {
		fmt.Fprintf(&svg, `<text x="%d" y="%d" xml:space="preserve">%s</text>`+"\n", margin, margin+lineHeight*i+fontSize, spans(line))
	}
	svg.WriteString("</svg>\n")
	return svg.Bytes()
}

// shorten leaves out what says nothing about drift: the refresh, and outputs. Our own lines get room and colour.
func shorten(recorded []string) []string {
	var lines []string
	outputs := false
	for _, line := range recorded {
		plain := escape.ReplaceAllString(line, "")
		switch {
		case strings.HasPrefix(plain, "# "):
			if len(lines) > 0 {
				lines = append(lines, "")
			}
			line, outputs = "\x1b[90m"+line+"\x1b[0m", false
		case strings.HasPrefix(plain, "$ "):
			line = "\x1b[1m" + line + "\x1b[0m"
		case plain == "Outputs:":
			outputs = true
		}
		repeated := plain == "" && len(lines) > 0 && lines[len(lines)-1] == ""
		if !outputs && !repeated && !strings.Contains(plain, ": Refreshing state...") {
			lines = append(lines, strings.TrimRight(line, " "))
		}
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// spans turns a line's escape sequences into styles. What the map lacks has none.
func spans(line string) string {
	var out bytes.Buffer
	var styles []string
	write := func(text string) {
		if text == "" {
			return
		}
		if len(styles) > 0 {
			fmt.Fprintf(&out, `<tspan style="%s">`, strings.Join(styles, ";"))
			defer out.WriteString("</tspan>")
		}
		_ = xml.EscapeText(&out, []byte(text)) // a buffer takes everything
	}
	start := 0
	for _, at := range escape.FindAllStringIndex(line, -1) {
		write(line[start:at[0]])
		start = at[1]
		for parameter := range strings.SplitSeq(strings.Trim(line[at[0]:at[1]], "\x1b[m"), ";") {
			if style, known := colours[parameter]; known {
				styles = append(styles, style)
			} else if parameter == "" || parameter == "0" {
				styles = nil
			}
		}
	}
	write(line[start:])
	return out.String()
}
