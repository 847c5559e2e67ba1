import functools
import json
import sys

from kubernetes_validate import utils

# Each schema is read once, not once for each object.
utils.schema_contents = functools.cache(utils.schema_contents)


def fault(version, thing):
    try:
        utils.validate(thing, version, strict=True)
    except utils.ValidationError as error:
        return f"{'.'.join(str(part) for part in error.path)}: {error.message}"
    except utils.SchemaNotFoundError:
        return "unknown"
    return None


print(json.dumps([fault(version, thing) for version, thing in json.load(open(sys.argv[1]))]))
