"""Whether CreateModelInvocationJob takes the jobs in some files: types, required fields and sizes as botocore checks them, and the
patterns and words of the API model, which it leaves to the service. Nothing is sent."""

import json
import re
import sys

import boto3
from botocore.stub import Stubber

client = boto3.client("bedrock", region_name="us-east-1", aws_access_key_id="none", aws_secret_access_key="none")
shape = client.meta.service_model.operation_model("CreateModelInvocationJob").input_shape


def check(shape, value, path):
    if shape.type_name == "structure":
        for key, inner in value.items():
            check(shape.members[key], inner, f"{path}.{key}")
        return
    pattern = shape.metadata.get("pattern")
    if pattern and not re.fullmatch(pattern, value):
        sys.exit(f"{path}: {value} is not {pattern}")
    if shape.metadata.get("enum") and value not in shape.metadata["enum"]:
        sys.exit(f"{path}: {value} is none of {shape.metadata['enum']}")
    size = value if isinstance(value, int) else len(value)
    if not shape.metadata.get("min", size) <= size <= shape.metadata.get("max", size):
        sys.exit(f"{path}: {size} is out of bounds")


for file in sys.argv[1:]:
    with open(file, encoding="utf-8") as text:
        job = json.load(text)
    check(shape, job, "job")
    arn = "arn:aws:bedrock:us-east-1:111111111111:model-invocation-job/abcdefghijkl"
    with Stubber(client) as stubber:
        stubber.add_response("create_model_invocation_job", {"jobArn": arn}, job)
        assert client.create_model_invocation_job(**job)["jobArn"] == arn
        stubber.assert_no_pending_responses()
    print("taken:", job["jobName"])
