#!/bin/sh
# Every body of tests/fixtures/daraja says where it comes from, and is read by some test.
set -eu
cd "$(dirname "$0")/../.."
folder=tests/fixtures/daraja
bad=0
for path in "$folder"/*; do
	file=${path##*/}
	[ "$file" != SOURCES.csv ] || continue
	if ! grep -q "^$file,[^,]" "$folder/SOURCES.csv"; then
		echo "lint: $path has no source in SOURCES.csv"
		bad=1
	fi
	if ! grep -rqF "\"$file\"" tests/unit; then
		echo "lint: no test reads $path"
		bad=1
	fi
done
while IFS=, read -r file rest; do
	if [ "$file" != file ] && [ ! -e "$folder/$file" ]; then
		echo "lint: SOURCES.csv has $file, which is not there"
		bad=1
	fi
done <"$folder/SOURCES.csv"
exit $bad
