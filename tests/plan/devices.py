# SPDX-License-Identifier: Apache-2.0
"""A model of devices: what is on one after a file was loaded.  state.load(text) and state.run(commands); state.text() is what the device would export.

It knows no rule: only which statements make something, change it and remove it, by the references of the platforms.
"""
import json, re
import xml.etree.ElementTree as ET

FOREIGN = {
    "paloalto": "set rulebase security rules others from any to any source any destination any application any service any action deny\n",
    "fortigate": "config firewall policy\nedit 1\nset name others\nset srcintf any\nset dstintf any\nset srcaddr all\nset dstaddr all\n"
                 "set srcaddr6 all\nset dstaddr6 all\nset action deny\nset schedule always\nset service ALL\nnext\nend\n",
    "junos": "".join(f"set security policies from-zone {a} to-zone {b} policy others {what}\n"
                     for a in ("srv", "cli", "dmz") for b in ("srv", "cli", "dmz") if a != b
                     for what in ("match source-address any", "match destination-address any", "match application any", "then deny")),
}


def completed(dialect, text):
    """The lines that put rules first, as a person completes them."""
    if dialect == "junos":
        return re.sub(r"^# (insert .* before policy) FIRST$", r"\1 others", text, flags=re.M)
    block = re.compile(r"^# (config firewall policy)\n((?:#     move \d+ before FIRST\n)+)# end$", re.M)
    return block.sub(lambda m: m[1] + "\n" + m[2].replace("#", "").replace("FIRST", "1") + "end", text)


class Statements:
    """A configuration of statements: readers take them in their order, so what was loaded is what is there."""

    def __init__(self, dialect, foreign=""):
        self.dialect, self.all, self.refused = dialect, foreign, []

    def load(self, text):
        self.all += completed(self.dialect, text)

    def text(self):
        return self.all


class PanXml:
    """PAN-OS: load config partial, mode merge; then what is entered in configuration mode."""

    PATHS = {"rulebase security rules": "rulebase/security/rules", "service": "service", "application": "application",
             "address-group": "address-group", "address": "address"}

    def __init__(self, foreign=False):
        self.root, self.refused = None, []
        if foreign:
            self.root = ET.fromstring(
                '<config><devices><entry name="localhost.localdomain"><vsys><entry name="vsys1"><rulebase><security><rules><entry name="others">' +
                "".join(f"<{k}><member>any</member></{k}>" for k in ("from", "to", "source", "destination", "application", "service")) +
                "<action>deny</action></entry></rules></security></rulebase></entry></vsys></entry></devices></config>")

    def merge(self, here, new):
        for child in new:
            if child.tag == "member":
                if child.text not in [m.text for m in here]:
                    here.append(child)
                continue
            old = next((c for c in here if c.tag == child.tag and c.get("name") == child.get("name")), None)
            if old is None:
                here.append(child)
            elif len(child):
                self.merge(old, child)
            else:
                old.text = child.text

    def vsys(self):
        return self.root.find("devices/entry/vsys/entry")

    def load(self, text):
        new = ET.fromstring(text)
        if self.root is None:
            self.root = new
        else:
            self.merge(self.root, new)
        self.run("\n".join(re.findall(r"<!-- (move .*) -->", text)))

    def run(self, commands):
        for line in commands.split("\n"):
            move, delete = re.match(r"move rulebase security rules (\S+) top$", line), re.match(r"delete (.*) (\S+)$", line)
            part = re.match(r"delete (service|address-group) (\S+) (protocol|static)$", line)
            if part:
                entry = next((e for e in self.vsys().findall(f"{part[1]}/entry") if e.get("name") == part[2]), None)
                inner = entry.find(part[3]) if entry is not None else None
                if inner is None:
                    self.refused.append(f"{line}: there is none")
                else:
                    entry.remove(inner)
                continue
            kind, name = ("rulebase security rules", move[1]) if move else (delete[1], delete[2]) if delete else (None, None)
            if not kind:
                continue
            place = self.vsys().find(self.PATHS[kind])
            entry = next((e for e in (place if place is not None else []) if e.get("name") == name), None)
            if entry is None:
                self.refused.append(f"{line}: there is none")
                continue
            if delete and any(m.text == name for m in self.vsys().iter("member")):
                self.refused.append(f"{line}: it is in use")
            place.remove(entry)
            if move:
                place.insert(0, entry)

    def text(self):
        return ET.tostring(self.root, encoding="unicode")


class Gcp:
    """firewall-rules create, or update where the name is there; delete."""

    def __init__(self):
        self.rules, self.refused = {}, []

    def load(self, text):
        for rule in json.loads(text):
            self.rules[rule["name"]] = rule

    def run(self, commands):
        for name in re.findall(r"^gcloud compute firewall-rules delete --quiet (\S+)$", commands, re.M):
            if not self.rules.pop(name, None):
                self.refused.append(f"{name}: there is none")

    def text(self):
        return json.dumps(list(self.rules.values()))


class SecurityGroups:
    """create-security-group, authorize, create-tags; revoke, delete-tags, delete-security-group."""

    LISTS = {"ingress": "IpPermissions", "egress": "IpPermissionsEgress"}

    def __init__(self):
        self.groups, self.refused = {}, []

    @staticmethod
    def single(permissions):
        """Each prefix as a permission of its own, without descriptions, as text."""
        for p in permissions:
            for key, member in (("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6")):
                for r in p.get(key, []):
                    one = {k: p[k] for k in ("IpProtocol", "FromPort", "ToPort") if k in p}
                    yield json.dumps({**one, key: [{member: r[member]}]}, sort_keys=True)

    def load(self, text):
        for g in json.loads(text)["SecurityGroups"]:
            here = self.groups.setdefault(g["GroupName"], {"tags": {}, "ingress": {}, "egress": {}})
            here["tags"].update({t["Key"]: t["Value"] for t in g.get("Tags", [])})
            for way, key in self.LISTS.items():
                here[way].update(dict.fromkeys(self.single(g.get(key, []))))

    def run(self, commands):
        name = None
        for line in commands.split("\n"):
            name = re.match(r"group=\$\(id (\S+)\)$", line) or name
            revoke = re.match(r"aws ec2 revoke-security-group-(ingress|egress) .* --ip-permissions '(.*)'$", line)
            tags = re.match(r"aws ec2 delete-tags .* --tags Key=(\S+)$", line)
            try:
                if revoke:
                    for one in self.single(json.loads(revoke[2])):
                        del self.groups[name[1]][revoke[1]][one]
                elif tags:
                    del self.groups[name[1]]["tags"][tags[1]]
                elif line.startswith("aws ec2 delete-security-group"):
                    del self.groups[name[1]]
            except KeyError as e:
                self.refused.append(f"{line}: there is no {e}")

    def text(self):
        return json.dumps({"SecurityGroups": [
            {"GroupName": n, "Tags": [{"Key": k, "Value": v} for k, v in g["tags"].items()],
             **{key: [json.loads(p) for p in g[way]] for way, key in self.LISTS.items()}} for n, g in self.groups.items()]})


class Parts:
    """What replaces its own: tables of nftables, chains and sets of iptables, groups of Windows rules, objects of Kubernetes, each under its name."""

    def __init__(self, dialect):
        self.dialect, self.parts, self.refused = dialect, {}, []

    def load(self, text):
        if self.dialect == "nftables":
            for name, body in re.findall(r"^(table \w+ \w+) (\{\n.*?^\})", text, re.M | re.S):
                self.parts[name] = f"{name} {body}\n"
        elif self.dialect == "windows":
            self.parts[re.search(r"^\$group = '(.*)'$", text, re.M)[1]] = re.sub(r"^Get-NetFirewallRule.*Remove-NetFirewallRule$", "", text, flags=re.M)
        elif self.dialect == "kubernetes":
            for part in re.split(r"^---$", text, flags=re.M):
                self.parts[re.search(r"^  name: (\S+)$", part, re.M)[1]] = part
        else:
            self.iptables(text)

    def iptables(self, text):
        section = ""
        for line in text.split("\n"):
            word = line.split()
            if line.startswith("# ip"):
                section = line
            elif word and (word[0] in ("-F", "flush") or line[0] == ":"):
                name = (section, word[1] if line[0] != ":" else word[0][1:])
                old = self.parts.get(name, [])
                self.parts[name] = [l for l in old if l[0] in ":c"] if line[0] != ":" else [line]
            elif word and word[0] in ("create", "-A", "add"):
                kept = self.parts.setdefault((section, word[1]), [])
                kept += [line] if word[0] != "create" or not kept else []

    def text(self):
        if self.dialect == "iptables":
            out = ""
            for section in sorted({s for s, _ in self.parts}, key=lambda s: ("ipset" not in s, s)):
                lines = [l for (s, _), ls in self.parts.items() for l in ls if s == section]
                made = [l for l in lines if l[0] in ":c"]
                rest = [l for l in lines if l[0] not in ":c"]
                table = "ipset" not in section
                out += "\n".join([section, *(["*filter"] if table else []), *made, *rest, *(["COMMIT"] if table else []), "", ""])
            return out
        return ("---\n" if self.dialect == "kubernetes" else "\n").join(self.parts.values())


def device(dialect, foreign=False):
    made = {"paloalto-xml": PanXml, "gcp": Gcp, "aws-sg": SecurityGroups}.get(dialect)
    if dialect in ("nftables", "windows", "kubernetes", "iptables"):
        return Parts(dialect)
    if dialect == "paloalto-xml":
        return PanXml(foreign)
    return made() if made else Statements(dialect, FOREIGN.get(dialect, "") if foreign else "")
