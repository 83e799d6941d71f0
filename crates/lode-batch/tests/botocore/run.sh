#!/usr/bin/env bash
# Holds the jobs of an export against botocore's model of the API, then fills in the placeholders and runs create-job.sh with a
# script in place of `aws`.
#
#   run.sh FOLDER
#
# LODE_PYTHON: a Python with boto3.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$1
: "${LODE_PYTHON:?a Python with boto3}"
export LODE_PYTHON LODE_CHECK="$here/check.py"
"$LODE_PYTHON" "$LODE_CHECK" "$folder"/job*.json
# The script stops before the placeholders are filled in.
if (cd "$folder" && bash create-job.sh) 2> /dev/null; then echo 'ran with placeholders'; exit 1; fi
sed -i 's/replace-with-your-bucket/my-bucket/; s/replace-with-your-batch-role/my-role/' "$folder"/job*.json
mkdir "$folder/bin"
cat > "$folder/bin/aws" <<'AWS'
#!/usr/bin/env bash
set -euo pipefail
case "$1 $2" in
  's3 cp') [[ $4 == s3://my-bucket/lode-batch/*/input/ ]] && echo "uploaded: $3 to $4" ;;
  'bedrock create-model-invocation-job') [[ $6 == file://* ]] && "$LODE_PYTHON" "$LODE_CHECK" "${6#file://}" ;;
  *) echo "unknown: $*" >&2; exit 1 ;;
esac
AWS
chmod +x "$folder/bin/aws"
cd "$folder" && PATH="$folder/bin:$PATH" bash create-job.sh
