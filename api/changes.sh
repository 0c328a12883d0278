# What review.sh sources: the changes of spec and Go API since $base, in $tmp/spec and $tmp/go. A change is a line: its
# level (major, minor or patch), a tab, and what it is.
oasdiff() { go run github.com/oasdiff/oasdiff@v1.36.0 "$@"; }
apidiff() { go run golang.org/x/exp/cmd/apidiff@v0.0.0-20261014143641-f0251eb4aa3e "$@"; }

version() { sed -n '/^info:/,/^[a-z]*:$/s/^  version: *//p'; }
version_now() { version <$spec; }
version_then() { git show "$base:$spec" | version; }

# due is the version that follows the base's with a change of a level.
due() {
	version_then | awk -F . -v level="$1" '{
		print level == "major" ? $1 + 1 ".0.0" : level == "minor" ? $1 "." $2 + 1 ".0" : $1 "." $2 "." $3 + 1 }'
}
larger() { printf '%s\n' "$@" | sort -t . -k 1,1n -k 2,2n -k 3,3n | tail -n 1; }

# spec_changes reads oasdiff's list of changes, which has each once for each media type, and its bare
# differences for what the list leaves out: servers and the error codes, to which nothing refers.
spec_changes() {
	oasdiff changelog --format singleline --severity-levels api/severity.txt "$base:$spec" $spec >"$tmp/changelog"
	oasdiff diff --unmatch-path . --exclude-elements endpoints,description,examples,extensions \
		"$base:$spec" $spec >"$tmp/differences"
	{
		sed -En -e '/\[api-[a-z-]*version-/d' -e 's/ \(media type: [^)]*\)//' -e 's/ \[[a-z0-9-]+\]\.?( .*)?$//' \
			-e 's/, in (API )?([A-Z]+ [^ ]+|[^ ]+)/\t\2:/' \
			-e 's/^(error|warning)[^\t]*/major/p; s/^info[^\t]*/minor/p' "$tmp/changelog"
		awk '{ depth = (match($0, /[^ ]/) - 1) / 4; path[depth] = $1 }
			path[0] == "servers:" && $1 == "-" {
				print (path[1] == "deleted:" ? "major\tserver removed: " : "minor\tserver added: ") $2
			}
			path[3] == "ErrorCode:" && path[4] == "enum:" && $1 == "-" {
				print (path[5] == "deleted:" ? "major\terror code removed: " : "minor\terror code added: ") $2
			}' "$tmp/differences"
	} | sort -u >"$tmp/spec"
	if [ ! -s "$tmp/spec" ] && ! git diff --quiet "$base" -- $spec; then
		printf 'patch\ttexts, examples or the version alone\n' >"$tmp/spec"
	fi
}

# go_changes compares the whole module if it builds, else package gen alone. The interfaces and structs of gen grow with
# the spec, so neither a new method nor a field that makes a struct incomparable breaks a promise.
go_changes() {
	local module; module=$(go list -m)
	mkdir "$tmp/base"
	git archive "$base" | tar -x -C "$tmp/base"
	if [ ! -s "$tmp/build" ]; then
		(cd "$tmp/base" && apidiff -m -w "$tmp/old" "$module") && apidiff -m "$tmp/old" "$module"
	else
		(cd "$tmp/base" && apidiff -w "$tmp/old" "$module/gen") && apidiff "$tmp/old" "$module/gen"
	fi >"$tmp/api" 2>"$tmp/log" || { grep -v '^Ignoring internal' "$tmp/log" >&2; return 1; }
	awk '/^Incompatible changes:/ { level = "major" } /^Compatible changes:/ { level = "minor" }
		/^- / {
			grows = /Client(WithResponses)?Interface\.[A-Za-z]*: added/ ||
				/^- (\.\/gen\.)?[A-Za-z]*: old is comparable, new is not/
			sub(/: changed from func\(.*/, ": signature changed")
			print (grows ? "minor" : level) "\t" substr($0, 3)
		}' "$tmp/api" | sort -u >"$tmp/go"
}

list() { sed -E 's/^([a-z]+)\t(.*)/- **\1**: \2/' "$1"; [ -s "$1" ] || echo "No changes."; }
breaks() { grep -q '^major' "$@"; }
fenced() { echo "\`\`\`$1"; cat; echo '```'; }
