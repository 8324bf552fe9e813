package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// registry is where docs/ is published. Links between the pages are relative and end in .md, which GitHub needs and the
// Terraform Registry drops. Only docs/index.md has absolute ones: the registry serves it as .../latest/docs, without a
// slash at the end, so that a browser resolves its relative links one directory too high.
const registry = "https://registry.terraform.io/providers/gcore-community/gcore/latest/docs"

// repository is the root of all paths of pages below.
const repository = "../.."

// Every link of a page leads to a page, and a heading, that exist.
func TestLinksOfPages(t *testing.T) {
	t.Parallel()
	pages := []string{"CHANGELOG.md", "CONTRIBUTING.md", "README.md", "RELEASING.md", "SECURITY.md"}
	for _, directory := range []string{"contributing", "docs", "examples"} {
		pages = append(pages, pagesUnder(t, directory)...)
	}
	links := 0
	for _, page := range pages {
		for _, link := range linksOf(readPage(t, filepath.Join(repository, page))) {
			links++
			if problem := linkProblem(t, page, link); problem != "" {
				t.Errorf("%s: %s: %s", page, link, problem)
			}
		}
	}
	if links < 200 {
		t.Errorf("%d links on %d pages", links, len(pages))
	}
}

// Each page that somebody may open first says where the provider comes from, and the index links every page.
func TestPagesOfTheRegistry(t *testing.T) {
	t.Parallel()
	index := readPage(t, filepath.Join(repository, "docs/index.md"))
	for _, page := range pagesUnder(t, "docs") {
		name := strings.TrimSuffix(strings.TrimPrefix(page, "docs/"), ".md")
		if name == "index" {
			continue
		}
		if !strings.Contains(index, "]("+registry+"/"+name+")") {
			t.Errorf("docs/index.md has no link to %s", page)
		}
		if !strings.HasPrefix(name, "guides/") && !strings.Contains(readPage(t, filepath.Join(repository, page)), "`gcore-community/gcore`") {
			t.Errorf("%s has examples, and no word of the source in required_providers", page)
		}
	}
}

// The figures of the guide are those that were measured.
func TestPerformanceGuide(t *testing.T) {
	t.Parallel()
	guide, measured := readPage(t, "../../docs/guides/performance.md"), readPage(t, "../../contributing/measured.txt")
	for text, row := range map[string]string{
		"create a group with 100 inline rules":    `100 inline rules +yes +10 +1\.0 s +create`,
		"create a group with 30 standalone rules": `30 rules +yes +10 +1\.0 s +create`,
		"plan 250 standalone rules of one group":  `250 rules \(refresh\) +yes +10 +0\.0 s +plan`,
	} {
		found := regexp.MustCompile(`(?m)^` + row + ` +([\d.]+) .* (\d+): `).FindStringSubmatch(measured)
		if found == nil {
			t.Errorf("%s: nothing measured matches %s", text, row)
			continue
		}
		seconds, err := strconv.ParseFloat(found[1], 64)
		if want := fmt.Sprintf("| %s | %.1f s | %s |", text, seconds, found[2]); err != nil || !strings.Contains(guide, want) {
			t.Errorf("the guide does not have %s (%v)", want, err)
		}
	}
}

// pagesUnder are the Markdown files of a directory, as paths from the root.
func pagesUnder(t *testing.T, directory string) (pages []string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(repository, directory), func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && filepath.Ext(path) == ".md" {
			page, _ := filepath.Rel(repository, path)
			pages = append(pages, filepath.ToSlash(page))
		}
		return err
	})
	if err != nil || len(pages) == 0 {
		t.Fatalf("%d pages in %s: %v", len(pages), directory, err)
	}
	return pages
}

var (
	codeBlock   = regexp.MustCompile("(?ms)^ *```.*?^ *```")
	linkTarget  = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	headingLine = regexp.MustCompile(`(?m)^#+ (.*)$`)
	anchorTag   = regexp.MustCompile(`<a id="([^"]+)">`)
	noSlug      = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
)

// linksOf are the targets of a page's links.
func linksOf(content string) (targets []string) {
	for _, match := range linkTarget.FindAllStringSubmatch(codeBlock.ReplaceAllString(content, ""), -1) {
		targets = append(targets, match[1])
	}
	return targets
}

// anchorsOf are what a link can name on a page: its headings, as GitHub and the registry turn them into anchors, and its
// own anchors.
func anchorsOf(content string) (anchors []string) {
	content = codeBlock.ReplaceAllString(content, "")
	for _, match := range headingLine.FindAllStringSubmatch(content, -1) {
		slug := strings.ReplaceAll(noSlug.ReplaceAllString(strings.ToLower(match[1]), ""), " ", "-")
		anchors = append(anchors, slug)
	}
	for _, match := range anchorTag.FindAllStringSubmatch(content, -1) {
		anchors = append(anchors, match[1])
	}
	return anchors
}

// linkProblem is what is wrong with a link of a page, or empty. Other sites are not visited.
func linkProblem(t *testing.T, page, link string) string {
	t.Helper()
	target, anchor, _ := strings.Cut(link, "#")
	published := strings.HasPrefix(page, "docs/")
	path, ours := strings.CutPrefix(target, registry+"/")
	switch {
	case ours && page != "docs/index.md" && published:
		return "pages beside the index link each other by relative paths"
	case ours:
		target = "docs/" + path + ".md"
	case strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:"):
		return ""
	case target == "":
		target = page
	case page == "docs/index.md":
		return "relative links do not work on the registry's index page"
	default:
		target = filepath.ToSlash(filepath.Join(filepath.Dir(page), target))
		if published && (!strings.HasPrefix(target, "docs/") || filepath.Ext(target) != ".md") {
			return "the registry has no such page"
		}
		if published && target == "docs/index.md" {
			return "the registry serves the index page under another path than docs/index"
		}
	}
	info, err := os.Stat(filepath.Join(repository, target))
	switch {
	case err != nil:
		return "no such file"
	case anchor == "" || info.IsDir() || filepath.Ext(target) != ".md":
		return ""
	case !slices.Contains(anchorsOf(readPage(t, filepath.Join(repository, target))), anchor):
		return "no such heading"
	}
	return ""
}
