# SPDX-License-Identifier: Apache-2.0
"""Handshakes of captures as our server's facts tell them, against tshark's reading of the same files, flow by flow:
SNI, version, CertificateRequest seen, certificate of the client seen, number of names of issuers.

    wire_tshark.py CERTTRIAGE_SERVER BUNDLE CAPTURE…     (each capture is attach/<its name> in the bundle)"""
import os
import subprocess
import sys

FIELDS = ["tcp.stream", "tcp.srcport", "tcp.dstport", "tls.handshake.type", "tls.handshake.extensions_server_name",
          "tls.handshake.version", "tls.handshake.extensions.supported_version", "tls.handshake.certificate"]
VERSIONS = {"0x0300": "SSL 3.0", "0x0301": "TLS 1.0", "0x0302": "TLS 1.1", "0x0303": "TLS 1.2", "0x0304": "TLS 1.3"}


def version_name(number):
    number = number.lower()
    return "TLS 1.3" if number.startswith(("0x7f", "0x7e", "0xfb")) else VERSIONS.get(number, number)


def read_tshark(path, decode_as=()):
    """{(client port, server port, n-th such connection): answers}; decode_as: ports whose data are TLS, whatever tshark thinks"""
    command = ["tshark", "-r", path, "-Y", "tls", "-T", "fields", "-E", "separator=|", "-E", "aggregator=,", "-o", "tcp.desegment_tcp_streams:TRUE",
               "-o", "tcp.reassemble_out_of_order:TRUE", "--enable-heuristic", "tls_tcp"]
    for field in FIELDS:
        command += ["-e", field]
    for port in decode_as:
        command += ["-d", f"tcp.port=={port},tls"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout.splitlines()
    flows = {}
    for line in lines:
        values = dict(zip(FIELDS, line.split("|")))
        parts = {name: [v for v in value.split(",") if v] for name, value in values.items()}
        if not parts["tcp.stream"]:
            continue
        flow = flows.setdefault(values["tcp.stream"].split(",")[0], {"client": None, "sni": "", "version": "", "asked": False, "sent": False})
        types = parts["tls.handshake.type"]
        source, target = parts["tcp.srcport"][-1], parts["tcp.dstport"][-1]
        if "1" in types:
            flow["client"] = (source, target)
            flow["sni"] = parts["tls.handshake.extensions_server_name"][0] if parts["tls.handshake.extensions_server_name"] else flow["sni"]
        if "2" in types:
            flow["client"] = flow["client"] or (target, source)
            chosen = parts["tls.handshake.extensions.supported_version"] or parts["tls.handshake.version"]
            flow["version"] = version_name(chosen[-1])
        flow["asked"] |= "13" in types
        if flow["client"] and source == flow["client"][0] and "11" in types:
            flow["sent"] |= bool(parts["tls.handshake.certificate"])
    found, seen = {}, {}
    for stream in sorted(flows, key=int):
        flow = flows[stream]
        if not flow["client"]:
            continue
        seen[flow["client"]] = seen.get(flow["client"], 0) + 1
        found[flow["client"] + (seen[flow["client"]],)] = (flow["sni"], flow["version"], flow["asked"], flow["sent"])
    return found


def read_facts(server, bundle):
    question = ("SELECT entry, client_port, server_port, coalesce(sni, ''), coalesce(version, ''), asked = 'yes' AND asked_why = 'CertificateRequest', "
                "client_thumbprint IS NOT NULL FROM handshake WHERE client_hello OR server_hello ORDER BY entry, connection")
    lines = subprocess.run([server, "query", bundle, question], capture_output=True, text=True, check=True, timeout=120).stdout.splitlines()[1:]
    facts = {}
    for line in lines:
        entry, client, port, sni, version, asked, sent = line.split("\t")
        flows = facts.setdefault(entry, {})
        n = 1 + sum(1 for key in flows if key[:2] == (client, port))
        flows[(client, port, n)] = (sni, version, asked == "1", sent == "1")
    return facts


def main():
    server, bundle, captures = sys.argv[1], sys.argv[2], sys.argv[3:]
    facts = read_facts(server, bundle)
    n_flows = n_bad = n_more = 0
    for path in captures:
        ours, theirs = facts.get("attach/" + os.path.basename(path), {}), read_tshark(path)
        more = sorted({key[1] for key in ours if key not in theirs})
        if more:  # TLS on a port where tshark expects something else
            theirs = {**read_tshark(path, more), **theirs}
        n_flows += len(theirs)
        for key in sorted(set(ours) | set(theirs)):
            if key not in theirs:
                n_more += 1
                print(f"{os.path.basename(path)}: {key}: {ours[key]}, and tshark sees no hello there")
            elif ours.get(key) != theirs[key]:
                n_bad += 1
                print(f"{os.path.basename(path)}: {key}: ours {ours.get(key)}, tshark's {theirs[key]}")
    print(f"{len(captures)} captures, {n_flows} connections with a hello by tshark: {n_bad} answers differ; {n_more} connections that only we see")
    sys.exit(1 if n_bad or n_more or not n_flows else 0)


main()
