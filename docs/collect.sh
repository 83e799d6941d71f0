#!/usr/bin/env bash
# Collects what Lode reads beside the bill: the Bedrock inventory and CloudWatch metrics of one account.
#
# Read-only: it runs list-*, get-* and batch-get-* commands (and s3 sync from a bucket, if you name one). It calls no
# model and writes nothing in AWS.
# It needs bash and the AWS CLI (version 1 or 2), nothing else. Answers go into
#   OUT/<account>/<region>/inventory/*.json   one file a call
#   OUT/<account>/<region>/metrics/*.json     hourly metrics, with labels that say what each result is of
#   OUT/logs/AWSLogs/…                        invocation logs, only with --logs
# An answer that is refused or fails is listed at the end and stops nothing. Run it again to complete: files are replaced.
set -u

usage() {
  cat <<'TEXT'
usage: bash collect.sh [options] REGION...
  --out DIR        folder to write into (lode-input)
  --days N         days of metrics, 1 to 455 (35)
  --logs BUCKET[/PREFIX]
                   copy the invocation logs of the months those days touch from this bucket, PREFIX being what stands
                   before AWSLogs/. They hold prompts and answers. Without it, the command is printed instead.
  --no-bodies      with --logs: leave out the data/ folders, where bodies over 100 KB are
  --permissions    print the IAM actions this needs, and stop
  --help           print this, and stop
The account is that of the AWS CLI's credentials; AWS_PROFILE and the other settings of the CLI apply.
TEXT
}

# The IAM action of every command below.
permissions() {
  cat <<'TEXT'
sts:GetCallerIdentity (always allowed)
bedrock:GetModelInvocationLoggingConfiguration
bedrock:ListInferenceProfiles
bedrock:ListProvisionedModelThroughputs
bedrock:ListCustomModels
bedrock:ListCustomModelDeployments
bedrock:ListImportedModels
bedrock:ListPromptRouters
bedrock:ListModelInvocationJobs
bedrock:ListGuardrails
bedrock:GetGuardrail
bedrock:ListKnowledgeBases
bedrock:GetKnowledgeBase
bedrock:ListDataSources
bedrock:GetDataSource
bedrock:ListIngestionJobs
bedrock:ListAgents
bedrock:GetAgent
aoss:ListCollections
aoss:BatchGetCollection
aoss:ListCollectionGroups
aoss:BatchGetCollectionGroup
aoss:GetAccountSettings
cloudwatch:ListMetrics
cloudwatch:GetMetricData
s3:ListBucket, s3:GetObject (only with --logs, of that bucket)
TEXT
}

die() {
  printf 'collect.sh: %s\n' "$1" >&2
  exit 2
}

out=lode-input
days=35
logs=
bodies=yes
regions=()
while [ $# -gt 0 ]; do
  case $1 in
    --out) [ $# -ge 2 ] || die '--out needs a folder'; out=$2; shift ;;
    --days) [ $# -ge 2 ] || die '--days needs a number'; days=$2; shift ;;
    --logs) [ $# -ge 2 ] || die '--logs needs a bucket'; logs=${2#s3://}; logs=${logs%/}; shift ;;
    --no-bodies) bodies=no ;;
    --permissions) permissions; exit 0 ;;
    --help | -h) usage; exit 0 ;;
    -*) die "unknown option $1; --help lists them" ;;
    *) regions+=("$1") ;;
  esac
  shift
done
[ ${#regions[@]} -gt 0 ] || { usage >&2; exit 2; }
case $days in '' | *[!0-9]*) die '--days needs a number' ;; esac
days=$((10#$days))
{ [ "$days" -ge 1 ] && [ "$days" -le 455 ]; } || die '--days: CloudWatch keeps hourly figures for 455 days'
for region in "${regions[@]}"; do
  case $region in [a-z]*-*-[0-9]) ;; *) die "not a region: $region" ;; esac
done
command -v aws > /dev/null || die 'the AWS CLI (aws) is not on PATH'

export AWS_PAGER=
errors=$(mktemp) || die 'cannot make a temporary file'
failed=$(mktemp) || die 'cannot make a temporary file'
trap 'rm -f "$errors" "$errors.ids" "$failed"' EXIT

# Notes a call that failed, with the first line of what AWS said.
note() {
  local said
  said=$(grep -v '^[[:space:]]*$' "$errors" | head -n 1)
  printf '%s: %s\n' "$1" "${said:-failed without a word}" >> "$failed"
}

# save FILE ARGUMENTS...: one call, its answer into a file. Returns 1 where it fails, 2 where the answer is nothing.
save() {
  local to=$1
  shift
  if ! aws "$@" --region "$region" --output json > "$to.part" 2> "$errors"; then
    rm -f -- "$to.part"
    note "$region aws $1 $2"
    return 1
  fi
  if [ -s "$to.part" ]; then
    mv -f -- "$to.part" "$to"
  else
    rm -f -- "$to.part"
    return 2
  fi
}

# ids ARGUMENTS...: the words that --query picks, one a line; nothing where there are none.
ids() {
  if aws "$@" --region "$region" --output text 2> "$errors" > "$errors.ids"; then
    tr '\t' '\n' < "$errors.ids" | grep -v -x -e None -e ''
  else
    note "$region aws $1 $2"
  fi
  rm -f -- "$errors.ids"
}

# save_pages NAME ARGUMENTS...: a list that the CLI does not page by itself, a file a page.
save_pages() {
  local name=$1 token='' page=1 more
  shift
  while :; do
    more=()
    [ -n "$token" ] && more=(--next-token "$token")
    save "$inventory/$name-$page.json" "$@" ${more[@]+"${more[@]}"} || return
    # The next page is asked for by the text form of the same call.
    token=$(ids "$@" ${more[@]+"${more[@]}"} --query nextToken)
    [ -n "$token" ] && [ "$page" -lt 1000 ] || return
    page=$((page + 1))
  done
}

# A file name of an id or ARN.
file_of() { printf '%s' "$1" | tr -c 'A-Za-z0-9._\n-' '_'; }

collect_models() {
  save "$inventory/logging.json" bedrock get-model-invocation-logging-configuration
  # An answer of nothing: nothing is logged. Said in a file, so that it is not taken for not asked.
  [ $? -eq 2 ] && printf '{"loggingConfig": {}}\n' > "$inventory/logging.json"
  # Without the type, only the profiles that AWS defines are listed.
  save "$inventory/inference-profiles.json" bedrock list-inference-profiles --type-equals APPLICATION
  save "$inventory/provisioned.json" bedrock list-provisioned-model-throughputs
  save "$inventory/custom-models.json" bedrock list-custom-models
  save "$inventory/deployments.json" bedrock list-custom-model-deployments
  save "$inventory/imported-models.json" bedrock list-imported-models
  save "$inventory/prompt-routers.json" bedrock list-prompt-routers
  save "$inventory/batch-jobs.json" bedrock list-model-invocation-jobs
  save "$inventory/guardrails.json" bedrock list-guardrails
  local id version
  for id in $(ids bedrock list-guardrails --query 'guardrails[].id'); do
    # The list without an id has drafts; with one, all versions of it.
    for version in $(ids bedrock list-guardrails --guardrail-identifier "$id" --query 'guardrails[].version'); do
      save "$inventory/guardrail-$(file_of "$id")-$version.json" \
        bedrock get-guardrail --guardrail-identifier "$id" --guardrail-version "$version"
    done
  done
}

collect_knowledge() {
  local base source agent
  # What is not on the list is not there.
  save "$inventory/knowledge-bases.json" bedrock-agent list-knowledge-bases
  for base in $(ids bedrock-agent list-knowledge-bases --query 'knowledgeBaseSummaries[].knowledgeBaseId'); do
    save "$inventory/knowledge-base-$base.json" bedrock-agent get-knowledge-base --knowledge-base-id "$base"
    for source in $(ids bedrock-agent list-data-sources --knowledge-base-id "$base" \
      --query 'dataSourceSummaries[].dataSourceId'); do
      save "$inventory/data-source-$base-$source.json" \
        bedrock-agent get-data-source --knowledge-base-id "$base" --data-source-id "$source"
      save "$inventory/ingestion-jobs-$base-$source.json" \
        bedrock-agent list-ingestion-jobs --knowledge-base-id "$base" --data-source-id "$source"
    done
  done
  save "$inventory/agents.json" bedrock-agent list-agents
  for agent in $(ids bedrock-agent list-agents --query 'agentSummaries[].agentId'); do
    save "$inventory/agent-$agent.json" bedrock-agent get-agent --agent-id "$agent"
  done
}

# in_batches NAME COMMAND LIST QUERY: what LIST lists in pages, QUERY being its ids, looked up a hundred a call.
in_batches() {
  local name=$1 command=$2 list=$3 query=$4 batch=() part=1 id token='' page=1 more all=()
  while :; do
    more=()
    [ -n "$token" ] && more=(--next-token "$token")
    for id in $(ids opensearchserverless "$list" ${more[@]+"${more[@]}"} --query "$query"); do all+=("$id"); done
    token=$(ids opensearchserverless "$list" ${more[@]+"${more[@]}"} --query nextToken)
    [ -n "$token" ] && [ "$page" -lt 1000 ] || break
    page=$((page + 1))
  done
  for id in ${all[@]+"${all[@]}"} ''; do
    [ -n "$id" ] && batch+=("$id")
    if [ ${#batch[@]} -eq 100 ] || { [ -z "$id" ] && [ ${#batch[@]} -gt 0 ]; }; then
      save "$inventory/$name-$part.json" opensearchserverless "$command" --ids "${batch[@]}"
      part=$((part + 1))
      batch=()
    fi
  done
}

collect_serverless() {
  save "$inventory/aoss-account-settings.json" opensearchserverless get-account-settings
  save_pages aoss-collection-groups opensearchserverless list-collection-groups
  in_batches aoss-group-details batch-get-collection-group list-collection-groups 'collectionGroupSummaries[].id'
  in_batches aoss-collections batch-get-collection list-collections 'collectionSummaries[].id'
}

# A JSON string.
quoted() {
  local text=${1//\\/\\\\}
  printf '"%s"' "${text//\"/\\\"}"
}

# The metrics a namespace is asked for, and the statistic of each.
stat_of() {
  case $1/$2 in
    AWS/Bedrock/Invocations | AWS/Bedrock/InputTokenCount | AWS/Bedrock/OutputTokenCount) echo Sum ;;
    AWS/Bedrock/CacheReadInputToken* | AWS/Bedrock/CacheWriteInputToken*) echo Sum ;;
    AWS/Bedrock/InvocationThrottles | AWS/Bedrock/InvocationClientErrors | AWS/Bedrock/InvocationServerErrors) echo Sum ;;
    AWS/Bedrock/LegacyModelInvocations | AWS/Bedrock/OutputImageCount) echo Sum ;;
    AWS/Bedrock/ModelInvocationL*Delivery*) echo Sum ;;
    AWS/Bedrock/Guardrails/Invocations | AWS/Bedrock/Guardrails/InvocationsIntervened) echo Sum ;;
    AWS/Bedrock/Guardrails/TextUnitCount) echo Sum ;;
    AWS/Bedrock/Agents/InvocationCount | AWS/Bedrock/Agents/ModelInvocationCount) echo Sum ;;
    AWS/Bedrock/Agents/InputTokenCount | AWS/Bedrock/Agents/[Oo]utputTokenCount) echo Sum ;;
    AWS/BedrockMantle/Inferences | AWS/BedrockMantle/*Tokens) echo Sum ;;
    # Requests of each minute: an hour's are their sum.
    AWS/AOSS/SearchRequestRate) echo Sum ;;
    AWS/AOSS/StorageUsedInS3 | AWS/AOSS/SearchableDocuments) echo Average ;;
    # Tells that somebody looked where nobody searched.
    AWS/AOSS/ActiveCollection) echo Maximum ;;
    # Capacity in use is told by the minute: its mean over an hour is OCU-hours, its sum is not.
    AWS/AOSS/SearchOCU | AWS/AOSS/IndexingOCU | AWS/AOSS/VectorIndexBuildAccelerationOCU) echo Average ;;
  esac
}

# flush_queries FILE: puts the queries gathered into one call. A hundred of 35 days by the hour are 84,000 figures: below the 500 metrics
# and the 100,800 figures of one answer; the CLI fetches what comes in further pages.
flush_queries() {
  [ "$count" -gt 0 ] || return
  part=$((part + 1))
  local name=$metrics/$1-$part
  printf '[%s]\n' "$queries" > "$name-queries.json"
  save "$name.json" cloudwatch get-metric-data --start-time "$start" --end-time "$end" \
    --metric-data-queries "file://$name-queries.json"
  queries=
  count=0
}

# collect_namespace NAMESPACE: every metric of it that list-metrics knows and stat_of wants, with all its dimensions, and
# the searches of every collection.
collect_namespace() {
  local namespace=$1 file line metric dimensions stat label listed pairs name value
  local queries='' count=0 part=0 seen=0
  file=$(file_of "${namespace#AWS/}")
  listed=$(aws cloudwatch list-metrics --namespace "$namespace" --region "$region" --output text \
    --query "Metrics[].[join('|', [MetricName, join(',', Dimensions[].join('=', [Name, Value]))])]" 2> "$errors") ||
    { note "$region aws cloudwatch list-metrics --namespace $namespace"; return; }
  # What had no point for two weeks is not listed. The searches of a collection are asked for all the same: that there are
  # none, only an empty answer says.
  [ "$namespace" = AWS/AOSS ] && listed=$(
    { printf '%s\n' "$listed"; printf '%s\n' "$listed" | sed -n 's/^ActiveCollection|/SearchRequestRate|/p'; } | sort -u
  )
  while IFS= read -r line; do
    case $line in *'|'*) ;; *) continue ;; esac
    metric=${line%%|*}
    dimensions=${line#*|}
    stat=$(stat_of "$namespace" "$metric")
    [ -n "$stat" ] || continue
    label="$namespace|$metric|$stat|3600|$dimensions"
    pairs=
    while [ -n "$dimensions" ]; do
      # Names have no "="; a comma without a name behind it belongs to the value.
      name=${dimensions%%=*}
      dimensions=${dimensions#*=}
      value=${dimensions%%,*}
      case $dimensions in *,*) dimensions=${dimensions#*,} ;; *) dimensions= ;; esac
      while [ -n "$dimensions" ] && [ "${dimensions#*=}" = "$dimensions" ]; do
        value=$value,${dimensions%%,*}
        case $dimensions in *,*) dimensions=${dimensions#*,} ;; *) dimensions= ;; esac
      done
      pairs="$pairs${pairs:+,}{\"Name\":$(quoted "$name"),\"Value\":$(quoted "$value")}"
    done
    queries="$queries${queries:+,}{\"Id\":\"m$seen\",\"Label\":$(quoted "$label"),\"MetricStat\":{\"Metric\":{\"Namespace\":$(quoted "$namespace"),\"MetricName\":$(quoted "$metric"),\"Dimensions\":[$pairs]},\"Period\":3600,\"Stat\":\"$stat\"}}"
    seen=$((seen + 1))
    count=$((count + 1))
    [ "$count" -ge "$per_call" ] && flush_queries "$file"
  done <<< "$listed"
  flush_queries "$file"
}

# Seconds since 1970 as CloudWatch takes them: GNU and BSD date write them differently.
iso() { date -u -d "@$1" +%Y-%m-%dT%H:%M:%SZ 2> /dev/null || date -u -r "$1" +%Y-%m-%dT%H:%M:%SZ; }

# The command that copies the logs of a region, or the copying itself.
collect_logs() {
  local bucket=$1 month from to
  for month in $months; do
    from=s3://$bucket/AWSLogs/$account/BedrockModelInvocationLogs/$region/$month/
    to=$out/logs/AWSLogs/$account/BedrockModelInvocationLogs/$region/$month/
    set -- aws s3 sync "$from" "$to" --region "$region"
    [ "$bodies" = no ] && set -- "$@" --exclude '*/data/*'
    if [ -n "$logs" ]; then
      mkdir -p "$to"
      "$@" --only-show-errors > /dev/null 2> "$errors" || note "$region aws s3 sync $from"
    else
      printf '  aws s3 sync %s %s --region %s\n' "$from" "$to" "$region"
    fi
  done
}

account=$(aws sts get-caller-identity --query Account --output text 2> "$errors") || {
  cat "$errors" >&2
  die 'the AWS CLI has no credentials that work'
}
case $account in
  [0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]) ;;
  *) die 'the AWS CLI does not say which account this is' ;;
esac

now=$(date -u +%s)
now=$((now - now % 3600))
begin=$((now - days * 86400))
begin=$((begin - begin % 86400))
start=$(iso "$begin")
end=$(iso "$now")
per_call=$((84000 / ((now - begin) / 3600 + 1)))
[ "$per_call" -gt 400 ] && per_call=400
months=
for ((at = begin; at <= now; at += 86400)); do
  month=$(iso "$at")
  month=${month:0:4}/${month:5:2}
  case " $months " in *" $month "*) ;; *) months="$months $month" ;; esac
done

printf 'account %s, metrics from %s to %s\nIAM actions this needs:\n' "$account" "$start" "$end"
permissions | sed 's/^/  /'
for region in "${regions[@]}"; do
  inventory=$out/$account/$region/inventory
  metrics=$out/$account/$region/metrics
  mkdir -p "$inventory" "$metrics" || die "cannot write into $out"
  printf '%s: inventory\n' "$region"
  collect_models
  collect_knowledge
  collect_serverless
  printf '%s: metrics\n' "$region"
  for namespace in AWS/Bedrock AWS/Bedrock/Guardrails AWS/Bedrock/Agents AWS/BedrockMantle AWS/AOSS; do
    collect_namespace "$namespace"
  done
  if [ -n "$logs" ]; then
    printf '%s: invocation logs\n' "$region"
    collect_logs "$logs"
    continue
  fi
  # Bucket and prefix of the configuration; "None" where there is none.
  read -r bucket prefix <<< "$(aws bedrock get-model-invocation-logging-configuration --region "$region" --output text \
    --query 'loggingConfig.s3Config.[bucketName, keyPrefix]' 2> /dev/null | tr '\t' ' ')"
  case ${bucket:-None} in
    None) printf '%s: invocation logs go to no bucket here\n' "$region" ;;
    *)
      case ${prefix:-None} in None) prefix= ;; *) prefix=/${prefix%/} ;; esac
      printf '%s: not copied, since they hold prompts and answers; to copy them:\n' "$region"
      collect_logs "$bucket$prefix"
      ;;
  esac
done

printf 'done: %s\n' "$out/$account"
if [ -s "$failed" ]; then
  printf 'not collected (the rest is complete):\n'
  sort -u "$failed" | sed 's/^/  /'
fi
exit 0
