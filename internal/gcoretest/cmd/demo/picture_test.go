package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestDraw(t *testing.T) {
	t.Parallel()
	svg := draw([]string{
		"# Somebody opens SSH", "$ terraform plan", "group: Refreshing state... [id=1]", "", "",
		"  \x1b[31m-\x1b[0m\x1b[0m \"a\" & <b> = \x1b[1;33m22\x1b[0m\x1b[99m x", "# Then", "$ terraform apply", "Done", "", "Outputs:", "secret",
	})
	var text strings.Builder
	decoder := xml.NewDecoder(bytes.NewReader(svg))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("not well-formed: %v\n%s", err, svg)
		}
		switch token := token.(type) {
		case xml.CharData:
			text.Write(token)
		case xml.EndElement:
			if token.Name.Local == "text" {
				text.WriteString("|")
			}
		}
	}
	want := "# Somebody opens SSH|$ terraform plan||  - \"a\" & <b> = 22 x||# Then|$ terraform apply|Done|"
	if got := strings.ReplaceAll(text.String(), "\n", ""); got != want {
		t.Errorf("got the lines\n%s\nwant\n%s", got, want)
	}
	for _, want := range []string{`style="fill:#ff7b72">-<`, `style="font-weight:bold;fill:#e3b341">22<`, `</tspan> x<`} {
		if !strings.Contains(string(svg), want) {
			t.Errorf("the picture lacks %s:\n%s", want, svg)
		}
	}
}
