package gcoretest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestAuthentication(t *testing.T) {
	t.Parallel()
	tests := []struct {
		header     string
		status     int
		class      string
		authorized bool
	}{
		{"", 401, "not_authenticated", false},
		{"APIKey test-key", 200, "", true},
		{"apikey test-key", 200, "", true},
		{"APIKEY test-key", 200, "", true},
		{"Bearer test-key", 401, "token_not_valid", false},
		{"test-key", 401, "token_not_valid", false},
		{"APIKey other", 401, "token_not_valid", false},
		{"APIKey test-key ", 200, "", true}, // HTTP trims a header
		{"APIKey  test-key", 401, "token_not_valid", false},
	}
	for _, test := range tests {
		s := New(t, Config{})
		r, err := newClient(t, s).try("GET", readPath, "", map[string]string{"Authorization": test.header})
		if err != nil {
			t.Fatal(err)
		}
		if r.status != test.status || (test.class != "" && r.body["exception_class"] != test.class) {
			t.Errorf("%q: %d %s", test.header, r.status, r.text)
		}
		if got := s.Requests()[0].Authorized; got != test.authorized {
			t.Errorf("%q: logged as authorized %t", test.header, got)
		}
		if strings.Contains(r.text, "test-key") {
			t.Errorf("the answer shows the key: %s", r.text)
		}
	}
}

func TestOwnKeyOnly(t *testing.T) {
	t.Parallel()
	s := New(t, Config{APIKey: "1$a_b"})
	c := newClient(t, s)
	c.want(200, "GET", readPath, "")
	if r, err := c.try("GET", readPath, "", map[string]string{"Authorization": "apikey test-key"}); err != nil || r.status != 401 {
		t.Errorf("status %d, %v", r.status, err)
	}
}

func TestUnauthorizedRequestsChangeNothing(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	header := map[string]string{"Authorization": "apikey nope"}
	if r, err := newClient(t, s).try("POST", groupsPath, `{"name":"web"}`, header); err != nil || r.status != 401 {
		t.Errorf("status %d, %v", r.status, err)
	}
	if len(s.Groups(1, 2)) != 0 {
		t.Error("a group was made")
	}
}

func TestRequestLog(t *testing.T) {
	t.Parallel()
	now := newClock()
	var mu sync.Mutex
	var lines []string
	s := New(t, Config{Now: now.Now, Log: func(r Request) {
		mu.Lock()
		defer mu.Unlock()
		lines = append(lines, fmt.Sprint(r.Operation, " ", r.Status))
	}})
	c := newClient(t, s)
	id := c.createGroup(`{"name":"web"}`)
	r := c.want(404, "GET", readPath+"/11111111-1111-4111-8111-111111111111?", "")
	c.want(200, "GET", readPath+"?name=web&tag_key=a&tag_key=b", "")
	c.want(204, "DELETE", readPath+"/"+id, "")

	all := s.Requests()
	if len(all) != 5 {
		t.Fatalf("%d requests, want 5", len(all))
	}
	create := all[0]
	if create.Operation != OperationCreateGroup || create.Method != "POST" || create.Path != groupsPath ||
		create.Body != `{"name":"web"}` || create.Status != 200 || !create.Authorized || !create.Time.Equal(now.Now()) {
		t.Errorf("create is logged as %+v", create)
	}
	if missing := all[2]; missing.ID != r.body["request_id"] || missing.ResponseBytes != int64(len(r.text)) {
		t.Errorf("logged id %s and %d bytes, answered %s", missing.ID, missing.ResponseBytes, r.text)
	}
	if got := all[3].Query["tag_key"]; fmt.Sprint(got) != "[a b]" {
		t.Errorf("query %v", all[3].Query)
	}
	want := "map[create group:1 delete group:1 list groups:1 poll task:1 read group:1]"
	if got := fmt.Sprint(s.CountOperations()); got != want {
		t.Errorf("operations %s, want %s", got, want)
	}
	if got := s.Count(Request.Writes); got != 2 {
		t.Errorf("%d writing requests, want 2", got)
	}
	mu.Lock()
	if got := strings.Join(lines, ", "); got != "create group 200, poll task 200, read group 404, list groups 200, delete group 204" {
		t.Errorf("Log was told %s", got)
	}
	mu.Unlock()
	s.ResetRequests()
	if got := len(s.Requests()); got != 0 {
		t.Errorf("%d requests after the reset", got)
	}
}

func TestDateIsThatOfTheServersClock(t *testing.T) {
	t.Parallel()
	now := newClock()
	s := New(t, Config{Now: now.Now})
	if got := newClient(t, s).want(200, "GET", readPath, "").header.Get("Date"); got != "Sun, 22 Nov 2026 03:33:17 GMT" {
		t.Errorf("Date %s", got)
	}
}

// arrival returns a clock for a server, and a channel that tells when the server first reads it: a request is there.
func arrival() (<-chan struct{}, func() time.Time) {
	arrived := make(chan struct{})
	var once sync.Once
	return arrived, func() time.Time {
		once.Do(func() { close(arrived) })
		return time.Now()
	}
}

func TestLatencyEndsWithTheClient(t *testing.T) {
	t.Parallel()
	logged := make(chan Request, 1)
	arrived, now := arrival()
	s := New(t, Config{Latency: time.Hour, Now: now, Log: func(r Request) { logged <- r }})
	ctx, cancel := context.WithCancel(t.Context())
	request, err := http.NewRequestWithContext(ctx, "GET", s.URL()+readPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			err = response.Body.Close()
		}
		ended <- err
	}()
	<-arrived
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
	if r := <-logged; r.Status != 0 || r.Operation != OperationListGroups {
		t.Errorf("logged as %+v", r)
	}
}

func TestAClientThatGoesWhileItSends(t *testing.T) {
	t.Parallel()
	logged := make(chan Request, 1)
	s := New(t, Config{Log: func(r Request) { logged <- r }})
	connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = fmt.Fprintf(connection, "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: apikey test-key\r\n"+
		"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"name\":", groupsPath)
	if err := errors.Join(err, connection.Close()); err != nil {
		t.Fatal(err)
	}
	// It is no violation (New would fail the test), and nothing is made.
	if r := <-logged; r.Status != 0 || r.Operation != OperationCreateGroup {
		t.Errorf("logged as %+v", r)
	}
}

func TestLatencyEndsWithTheServer(t *testing.T) {
	t.Parallel()
	arrived, now := arrival()
	s := New(t, Config{Latency: time.Hour, Now: now})
	c := newClient(t, s)
	ended := make(chan error, 1)
	go func() {
		_, err := c.try("POST", groupsPath, `{"name":"web"}`, nil)
		ended <- err
	}()
	<-arrived
	s.Close()
	s.Close() // twice is harmless
	if err := <-ended; err == nil {
		t.Error("an answer in place of an hour's latency")
	}
	if len(s.Groups(1, 2)) != 0 {
		t.Error("the request was carried out")
	}
}

func TestLatencyIsAdded(t *testing.T) {
	t.Parallel()
	const latency = 20 * time.Millisecond
	s := New(t, Config{Latency: latency})
	newClient(t, s).want(200, "GET", readPath, "")
	if got := s.Requests()[0].Duration; got < latency {
		t.Errorf("took %s, want at least %s", got, latency)
	}
}

func TestBodiesAreBounded(t *testing.T) {
	t.Parallel()
	s := program(t, Config{})
	c := newClient(t, s)
	// The server may cut the connection while the client is still sending.
	if r, err := c.try("POST", groupsPath, `{"name":"web","description":"`+strings.Repeat("d", maxBody)+`"}`, nil); err == nil && r.status != 413 {
		t.Errorf("status %d: %s", r.status, r.text)
	}
	c.want(200, "GET", readPath, "")
	if len(s.Groups(1, 2)) != 0 || len(s.Violations()) != 1 {
		t.Errorf("%d groups, violations %v", len(s.Groups(1, 2)), s.Violations())
	}
}

func TestOnlyLoopbackAddresses(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:80", "127.0.0.1", "127.0.0.1:x"} {
		if s, err := Start(Config{Address: address}); err == nil {
			s.Close()
			t.Errorf("%s is accepted", address)
		}
	}
	s, err := Start(Config{Address: "localhost:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if other, err := Start(Config{Address: s.address}); err == nil {
		other.Close()
		t.Error("two servers on one port")
	}
}

func TestAPanicIsReported(t *testing.T) {
	t.Parallel()
	s := program(t, Config{})
	s.Fail(Fault{Effect: Meanwhile{Before: func() { panic("no such luck") }}})
	if _, err := newClient(t, s).try("GET", readPath, "", nil); err == nil {
		t.Error("an answer in place of a broken connection")
	}
	s.Close()
	if got := s.Violations(); len(got) != 1 || !strings.Contains(got[0], "no such luck") {
		t.Errorf("violations %v", got)
	}
}

func TestProjectAndRegion(t *testing.T) {
	t.Parallel()
	s := New(t, Config{})
	c := newClient(t, s)
	if r := c.want(200, "GET", "/cloud/v1/projects/7", ""); r.body["name"] != "project-7" || fmt.Sprint(r.body["id"]) != "7" {
		t.Errorf("%s", r.text)
	}
	region := c.want(200, "GET", "/cloud/v1/regions/8?show_volume_types=true", "")
	group := c.want(200, "GET", "/cloud/v1/securitygroups/7/8/"+s.AddGroup(Group{ProjectID: 7, RegionID: 8, Name: "web"}), "")
	if region.body["display_name"] != group.body["region"] {
		t.Errorf("a group's region is %v, the region's name %v", group.body["region"], region.body["display_name"])
	}
}
