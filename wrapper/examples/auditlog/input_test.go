package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed70860981/slack-admin-sessions/wrapper/examples/runner"
)

// wrapped returns the entries of the sample in a wrapper, in which ENTRY stands for the entry and TEXT for the entry as
// text.
func wrapped(t *testing.T, wrapper string) (entries []string) {
	t.Helper()
	for line := range strings.Lines(sample) {
		line = strings.TrimSuffix(line, "\n")
		text, err := json.Marshal(line)
		require.NoError(t, err)
		entries = append(entries, strings.NewReplacer("ENTRY", line, "TEXT", string(text)).Replace(wrapper))
	}
	return entries
}

func TestEntriesAreUnwrapped(t *testing.T) {
	want := execute(nil, sample, "--dry-run", "-")
	require.Contains(t, want.stdout, "Entries: 14, of which 9 match. Sessions to end: 7.")
	lines := func(wrapper string) string { return strings.Join(wrapped(t, wrapper), "\n") }
	list := func(before, wrapper, after string) string {
		return before + strings.Join(wrapped(t, wrapper), ",\n") + after
	}
	for name, log := range map[string]string{
		"Splunk's export":                   lines(`{"preview":false,"offset":0,"result":{"_raw":TEXT,"_time":"2026-11-17","action":"user_login","host":"h"}}`),
		"Splunk's export, one object":       list(`{"preview":false,"results":[`, `{"_raw":TEXT,"host":"h"}`, `]}`),
		"Splunk's _raw alone":               lines(`{"_raw":TEXT}`),
		"Splunk's HTTP Event Collector":     lines(`{"time":1794902580,"host":"h","sourcetype":"slack:audit","event":ENTRY}`),
		"... with the event as text":        lines(`{"time":1794902580,"event":TEXT}`),
		"Elastic's hits, one on each line":  lines(`{"_index":"slack","_id":"1","_score":1.0,"_source":ENTRY}`),
		"Elastic's response":                list(`{"took":3,"hits":{"total":{"value":14,"relation":"eq"},"hits":[`, `{"_id":"1","_source":ENTRY}`, `]}}`),
		"Elastic's response, an older one":  list(`{"hits":{"total":14,"hits":[`, `{"_id":"1","_source":ENTRY}`, `]}}`),
		"Elastic's hits":                    list(`{"hits":[`, `{"_source":ENTRY}`, `]}`),
		"Elastic Common Schema":             lines(`{"_source":{"@timestamp":"2026-11-17","event":{"action":"user_login","original":TEXT},"slack":{"audit":{}}}}`),
		"pages put together":                "[" + list(`{"entries":[`, `ENTRY`, `]}`) + `,{"entries":[]}]`,
		"a page within a result":            list(`{"result":{"entries":[`, `ENTRY`, `]}}`),
		"an array of wrapped entries":       list(`[`, `{"result":{"_raw":TEXT}}`, `]`),
		"Elastic, the entry as a message":   lines(`{"_source":{"@timestamp":"2026-11-17","message":TEXT}}`),
		"entries with a field event":        strings.ReplaceAll(sample, `"action":`, `"event":{"type":"login"},"action":`),
		"entries that hold an empty result": lines(`{"result":null,"event":ENTRY}`),
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, want, execute(nil, log, "--dry-run", "-"))
		})
	}
}

// What jq '.FIELD' gives of these is no entry either.
func TestAnEntryInPartsIsSentBackForTheWholeOne(t *testing.T) {
	const whole = " An entry has action and actor: export the raw events, as Slack gave them, which other programs keep in the field _raw, event.original or message"
	for log, end := range map[string]string{
		`{"actor.user.id":"W1","action":"user_login"}`:                                               whole,
		`{"_source":{"actor.user.id":"W1","action":"user_login"}}`:                                   whole + "; the object is in ._source",
		`{"event":{"action":"user_login","category":["a"],"id":"1"},"source":{"ip":"198.51.100.7"}}`: `"action", "category", "id".` + whole + "; the object is in .event",
		`{"hits":{"hits":[{"_id":"1","fields":{"actor.user.id":["W1"]}}]}}`:                          whole + "; the object is in .hits.hits[]",
	} {
		r := execute(nil, login("W0123456789", `"7"`)+"\n"+log, "--dry-run", "-")
		assert.Equal(t, runner.Usage, r.status, log)
		assert.Contains(t, r.stderr, "auditlog: standard input:2: neither an entry", log)
		assert.Contains(t, r.stderr, end+"\nNothing was sent.\n", log)
		assert.NotContains(t, r.stderr, "jq", log)
	}
}

func TestASearchThatElasticCutShortIsAWarning(t *testing.T) {
	log := `{"hits":{"total":{"value":10000,"relation":"gte"},"hits":[{"_source":` + login("W0123456789", `"7"`) + `}]}}`
	r := execute(nil, log, "--demo", "-")
	assert.Equal(t, runner.SomeNot, r.status)
	assert.Equal(t, 2, strings.Count(r.stdout, "WARNING: Elastic found 10000 hits and gave 1: the log goes on"))
}

func TestASearchThatDidNotFinishIsAWarning(t *testing.T) {
	entry := login("W0123456789", `"7"`)
	for log, warning := range map[string]string{
		`{"took":3,"timed_out":true,"hits":{"hits":[{"_source":` + entry + `}]}}`:                                              "Elastic's search timed out: entries may be missing.",
		`{"_shards":{"total":5,"successful":3,"skipped":0,"failed":2},"hits":{"hits":[{"_source":` + entry + `}]}}`:            "2 shards of Elastic failed: entries may be missing.",
		`{"preview":true,"offset":0,"result":{"_raw":` + strconv.Quote(entry) + `}}`:                                           "Splunk had not finished the search (preview): entries may be missing.",
		`{"preview":true,"results":[` + entry + `]}`:                                                                           "Splunk had not finished the search (preview): entries may be missing.",
		`{"preview":false,"messages":[{"type":"INFO","text":"a"},{"type":"WARN","text":"b\u001b"}],"results":[` + entry + `]}`: `Splunk says "b\x1b": entries may be missing.`,
		`{"messages":[{"type":"FATAL","text":"c"}],"results":[` + entry + `]}`:                                                 `Splunk says "c": entries may be missing.`,
	} {
		r := execute(nil, log+log, "--demo", "-")
		assert.Equal(t, runner.SomeNot, r.status, log)
		assert.Equal(t, 2, strings.Count(r.stdout, "WARNING: "+warning), "%s: once before the run and once at its end", log)
	}
	for _, log := range []string{
		`{"timed_out":false,"_shards":{"total":5,"successful":5,"failed":0},"hits":{"total":1,"hits":[{"_source":` + entry + `}]}}`,
		`{"preview":true,"result":` + entry + `}{"preview":false,"result":` + entry + `}`,
		`{"preview":false,"messages":[{"type":"INFO","text":"a"}],"results":[` + entry + `]}`,
		strings.Replace(entry, `"id":`, `"messages":"a","_shards":1,"preview":"b","timed_out":[],"id":`, 1),
	} {
		r := execute(nil, log, "--dry-run", "-")
		assert.Equal(t, runner.AllOut, r.status, log)
		assert.NotContains(t, r.stdout, "WARNING", log)
	}
}

func TestALogWithoutEntriesAmongOthersIsNamed(t *testing.T) {
	full := logFile(t, login("W0123456789", `"7"`))
	for _, log := range []string{"", "\n", "[]", `{"entries":[]}`} {
		empty := logFile(t, log)
		r := execute(nil, "", "--dry-run", full, empty, full)
		assert.Equal(t, runner.AllOut, r.status)
		assert.Contains(t, r.stdout, "\n"+empty+": no entries.\n")
		assert.NotContains(t, r.stdout, full+": no entries.")
	}
}

func TestAWrongLogIsRefusedByLineWithAWayOut(t *testing.T) {
	good := login("W0123456789", `"7"`) + "\n"
	for log, want := range map[string]string{
		"Date,Action,Actor\n2026-11-17,user_login,Ana\n": "standard input:1: the file is CSV and not JSON; export the log as JSON",
		"\"Date\",\"Action\"\n\"2026\",\"user_login\"\n": "standard input:1: the file is CSV and not JSON",
		"\ufeffDate;Action\n":                            "standard input:1: the file is CSV and not JSON",
		"Date\tAction\n":                                 "standard input:1: the file is CSV and not JSON",
		"Nov 17, 2026 slack: " + good:                    "standard input:1: not JSON: ",
		"hello\n":                                        "standard input:1: not JSON: ",
		good + `{"data":{"a":1},"meta":2}`:               `standard input:2: neither an entry of the audit log nor a page of them but an object with "data", "meta". An entry has action and actor: export the raw events, as Slack gave them, or if one of these fields holds the entries, unwrap them: jq -c '.FIELD' FILE`,
		good + `{"ok":false,"error":"missing_scope"}`:    `standard input:2: no log, but an error of Slack: "missing_scope"; get the log again`,
		good + `{"result":{"_raw":"Nov 17 slack: {}"}}`:  "standard input:2: an entry is wrapped in text that is not JSON; export it as Slack gave it",
		good + `{"_raw":""}`:                             "standard input:2: an entry is wrapped in text that is not JSON",
		good + `{"event":7}`:                             "standard input:2: neither an entry",
		good + `{"\u001b[2J":1}`:                         `an object with "\x1b[2J"`,
		good + `{"action":"user_login","actor.user.id":"W1","context.ip_address":"198.51.100.7"}`: `standard input:2: neither an entry of the audit log nor a page of them but an object with "action", "actor.user.id", "context.ip_address". An entry has action and actor: export the raw events`,
		`[{"date_create":1,"context_ip_address":"198.51.100.7"}]`:                                 `an object with "context_ip_address", "date_create". An`,
		`{"result":{"slack.context.session_id":"7"}}`:                                             `an object with "slack.context.session_id". An`,
		`{"event":{"action":"user_login"},"source":{"ip":"198.51.100.7"},"user":{"id":"W1"}}`:     `an object with "action". An entry has action and actor`,
		`{"date_create":1794902400,"actor":{"user":{"id":"W1"}}}`:                                 `an object with "actor", "date_create". An entry has action and actor`,
		good + `"text"`: "standard input:2: an entry is wrapped in text that is not JSON",
		good + "7":      "standard input:2: neither an entry of the audit log nor a page of them; export the log as JSON",
		good + "{}":     "standard input:2: neither an entry",
		good + "null":   "standard input:2: neither an entry",
		strings.Repeat(`{"event":`, 50) + "{}" + strings.Repeat("}", 50): "standard input:1: neither an entry",
		"[" + good + "," + good[:100]:                                    "standard input:2: torn: the log ends in the middle of the entry that begins here",
		"[" + good:                                                       "standard input:1: torn: ",
		"[" + good + "]}":                                                "standard input:2: not JSON: ",
		"[" + good + "}":                                                 "standard input:2: not JSON: ",
		"[\n" + good + ",\n\n7]":                                         "standard input:5: neither an entry",
		"\x1f\x8b\x08\x00":                                               "standard input:1: the file is compressed with gzip",
	} {
		r := execute(nil, log, "--dry-run", "-")
		assert.Contains(t, r.stderr, want, "%.60s", log)
		assert.NotContains(t, r.stderr, "\x1b")
	}
}

func TestExactNumbersAreTakenInAnyForm(t *testing.T) {
	for text, want := range map[string]int64{
		"847288190092":            847288190092,
		"847288190092.0":          847288190092,
		"847288190092.":           847288190092,
		"8.47288190092e+11":       847288190092,
		"8.47288190092E11":        847288190092,
		"8.472881900920000e+11":   847288190092,
		"8.4728819009e+11":        847288190090, // the shortest form has no zeros at its end
		"847288190092e0":          847288190092,
		"84728819009.2e+1":        847288190092,
		"9.223372036854775807e18": 9223372036854775807,
		"7":                       7,
		"7.0":                     7,
		"7e0":                     7,
	} {
		for _, quote := range []string{"", `"`} {
			if quote == "" && strings.HasSuffix(text, ".") {
				continue // no number of JSON
			}
			var e entry
			require.NoError(t, json.Unmarshal([]byte(login("W0123456789", quote+text+quote)), &e))
			e.parse(place{})
			require.NoError(t, e.sessionErr, text)
			assert.Equal(t, want, e.session, text)
		}
	}
	for _, text := range []string{"8.47288e+11", "8.4728819E11", "8e11", "1e99"} {
		_, err := wholeNumber(text)
		require.ErrorIs(t, err, errRounded, text)
	}
	for _, text := range []string{"", ".", "e5", "847288190092.5", "8.47288190092e+10", "1e", "1e5000", "0x10", " 7", "7 ", "1_000", "-", "9.223372036854775808e18", "99999999999999999999"} {
		_, err := wholeNumber(text)
		require.Error(t, err, text)
	}
}

func FuzzWholeNumber(f *testing.F) {
	f.Add(int64(847288190092))
	f.Add(int64(1000000000000))
	f.Fuzz(func(t *testing.T, n int64) {
		if n < 0 {
			return
		}
		for _, form := range []string{"%d", "%d.0", "%d.000", "%de0"} {
			got, err := wholeNumber(fmt.Sprintf(form, n))
			if err != nil || got != n {
				t.Fatalf("%d in the form %s is %d: %v", n, form, got, err)
			}
		}
		if n < 1<<53 { // a float holds it
			got, err := wholeNumber(strconv.FormatFloat(float64(n), 'e', -1, 64))
			if err == nil {
				require.Equal(t, n, got)
			} else {
				require.ErrorIs(t, err, errRounded)
			}
		}
	})
}
