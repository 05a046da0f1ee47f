"""Reads a filled form with openpyxl and checks its cells as the form engine does: types, required cells, limits,
choices, prefilled values, sums. Prints its own time and the number of findings."""

import json
import sys
import time

from openpyxl import load_workbook

IDS_ROW, FIRST_ROW = 3, 5


def check_cell(field, line, value):
    if field["prefilled"] is not None:
        return value != field["prefilled"][line]
    if value is None or value == "":
        return field["required"]
    kind = field["kind"]
    if kind == "money":
        if not isinstance(value, (int, float)) or abs(round(value * 100) - value * 100) > 1e-4:
            return True
        if field["min"] is not None and value < field["min"]:
            return True
        return field["max"] is not None and value > field["max"]
    if kind == "choice":
        return value not in field["choices"]
    if kind == "text":
        return not isinstance(value, str) or field["max_length"] is not None and len(value) > field["max_length"]
    return False


def main():
    with open(sys.argv[2], encoding="utf-8") as file:
        expected = json.load(file)
    for field in expected["fields"]:
        field["choices"] = set(field["choices"])
    start = time.perf_counter()
    workbook = load_workbook(sys.argv[1], read_only=True, data_only=True)
    findings = 0
    parts = [field["id"] for field in expected["fields"] if field["id"].startswith("davon_")]
    rows = workbook[expected["sheet"]].iter_rows(min_row=IDS_ROW, values_only=True)
    ids = next(rows)
    next(rows)
    by_id = {field["id"]: field for field in expected["fields"]}
    columns = [(id, by_id[id]) for id in ids]
    for line, row in zip(range(expected["rows"]), rows):
        for (_, field), value in zip(columns, row):
            findings += check_cell(field, line, value)
        values = dict(zip(ids, row))
        cents = {id: round((values[id] or 0) * 100) for id in parts + ["verausgabt", "zugewiesen", "uebertrag"]}
        findings += cents["verausgabt"] != sum(cents[part] for part in parts)
        findings += cents["verausgabt"] > cents["zugewiesen"] + cents["uebertrag"]
        rest = cents["zugewiesen"] + cents["uebertrag"] - cents["verausgabt"]
        findings += rest > 0 and not values["rest_grund"]
        findings += values["schwerpunkt"] is None or values["schwerpunkt"] == values["schwerpunkt_2"]
    print(json.dumps({"seconds": time.perf_counter() - start, "findings": int(findings)}))


main()
