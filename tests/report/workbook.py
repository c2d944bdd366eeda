# SPDX-License-Identifier: Apache-2.0
"""Workbooks read back with what Python has."""
import io, re, zipfile
import xml.etree.ElementTree as xml

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def part(data, name):
    with zipfile.ZipFile(io.BytesIO(data)) as z:
        return xml.fromstring(z.read(name))


def sheets(data):
    """Name, rows and XML of each sheet.  A row is fifteen cells, text as str and numbers as int, "" for none."""
    with zipfile.ZipFile(io.BytesIO(data)) as z:
        assert z.testzip() is None
    names = [s.get("name") for s in part(data, "xl/workbook.xml").iter(MAIN + "sheet")]
    for n, name in enumerate(names, 1):
        tree = part(data, f"xl/worksheets/sheet{n}.xml")
        rows = []
        for r in tree.iter(MAIN + "row"):
            cells = {}
            for c in r.iter(MAIN + "c"):
                assert c.find(MAIN + "f") is None, "a formula"
                at = re.match("[A-Z]+", c.get("r"))[0]
                if c.get("t") == "inlineStr":
                    cells[at] = "".join(t.text or "" for t in c.iter(MAIN + "t"))
                elif c.find(MAIN + "v") is not None:
                    cells[at] = int(c.find(MAIN + "v").text)
            rows.append([cells.get(chr(65 + i), "") for i in range(15)])
        yield name, rows, tree
