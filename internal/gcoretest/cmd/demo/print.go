package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// printer writes what the demo says, and Terraform's words indented.
type printer struct {
	w      io.Writer
	colour bool
}

// newPrinter writes colours to a terminal alone, and none if the environment asks for none (https://no-color.org).
func newPrinter(file *os.File) *printer {
	info, err := file.Stat()
	terminal := err == nil && info.Mode()&os.ModeCharDevice != 0
	return &printer{w: file, colour: terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
}

func (p *printer) bold(text string) string {
	if !p.colour {
		return text
	}
	return "\x1b[1m" + text + "\x1b[0m"
}

// write drops the error: a standard output that nobody reads any more sends a signal, which ends the demo.
func (p *printer) write(text string) { _, _ = fmt.Fprintln(p.w, text) }

// heading opens a step: what happens, and why it matters.
func (p *printer) heading(title, why string) {
	p.write("\n" + p.bold("== "+title))
	p.text(why)
}

// text writes sentences, broken into lines that suit every terminal.
func (p *printer) text(sentences string) {
	const width = 100
	line := ""
	for word := range strings.FieldsSeq(sentences) {
		if line != "" && len(line)+1+len(word) > width {
			p.write(line)
			line = ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	p.write(line)
}

func (p *printer) command(text string) { p.write("\n" + p.bold("$ "+text)) }

// output writes one line of Terraform's, or of a table.
func (p *printer) output(line string) { p.write(strings.TrimRight("    "+line, " ")) }
