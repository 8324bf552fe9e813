package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

// settings say whose API is probed, and where.
type settings struct {
	key                 string
	base                *url.URL
	projectID, regionID int64
}

// readSettings reads the four variables. All have to be set, so that nobody probes a place by default. No error
// repeats the key.
func readSettings(getenv func(string) string) (settings, error) {
	var s settings
	var err error
	if s.key, err = variable(getenv, "GCORE_API_KEY"); err != nil {
		return settings{}, err
	}
	if strings.ContainsFunc(s.key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return settings{}, errors.New("GCORE_API_KEY has a space or another character in it that a key cannot have: " +
			"give the bare key, without \"APIKey\" before it")
	}
	address, err := variable(getenv, "GCORE_BASE_URL")
	if err != nil {
		return settings{}, err
	}
	if s.base, err = parseBaseURL(address); err != nil {
		return settings{}, err
	}
	if s.projectID, err = identifier(getenv, "GCORE_CLOUD_PROJECT_ID"); err != nil {
		return settings{}, err
	}
	s.regionID, err = identifier(getenv, "GCORE_CLOUD_REGION_ID")
	return s, err
}

func variable(getenv func(string) string, name string) (string, error) {
	if text := getenv(name); text != "" {
		return text, nil
	}
	return "", fmt.Errorf("%s is not set: the probe acts on a real account and needs "+
		"GCORE_API_KEY, GCORE_BASE_URL, GCORE_CLOUD_PROJECT_ID and GCORE_CLOUD_REGION_ID", name)
}

func identifier(getenv func(string) string, name string) (int64, error) {
	text, err := variable(getenv, name)
	if err != nil {
		return 0, err
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 {
		return 0, fmt.Errorf("%s is %q, but must be a number above 0", name, text)
	}
	return id, nil
}

// parseBaseURL refuses what would send the key in the clear.
func parseBaseURL(text string) (*url.URL, error) {
	base, err := url.Parse(strings.TrimRight(text, "/"))
	if err != nil || base.Hostname() == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		// Not repeated: it may hold a password.
		return nil, errors.New("GCORE_BASE_URL must be an address like https://api.gcore.com")
	}
	if base.Scheme != "https" && (base.Scheme != "http" || !loopback(base.Hostname())) {
		return nil, errors.New("GCORE_BASE_URL must begin with https:// (http:// is possible for a loopback host only): " +
			"the key would travel unencrypted")
	}
	return base, nil
}

func loopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && address.Unmap().IsLoopback()
}

const longestText = 400 // of what is printed about one thing, in characters

// clean makes a text fit for a terminal: one line, bounded, without control characters, and without the key, which a
// server might repeat.
func (s settings) clean(text string) string {
	text = strings.ReplaceAll(text, s.key, "***")
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
	if runes := []rune(text); len(runes) > longestText {
		return string(runes[:longestText]) + "..."
	}
	return text
}

// randomName begins the names of the groups of one run. No other run has the same.
func randomName() string {
	random := make([]byte, 5)
	_, _ = rand.Read(random) // it never returns an error since Go 1.24
	return "tf-acc-probe-" + hex.EncodeToString(random)
}
