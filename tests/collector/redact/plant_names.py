# SPDX-License-Identifier: Apache-2.0
# Plants names of users, hosts and domains, and addresses, in what WORK/overlay puts over a machine and in WORK/entries (files of a bundle);
# WORK/names lists them, as search.py reads it.
import os, sys
work = sys.argv[1]
names = []
def n(name):
    names.append(name)
    return name
def write(path, text, encoding="utf-8"):
    os.makedirs(os.path.dirname(work + path), exist_ok=True)
    with open(work + path, "w", encoding=encoding, newline="") as f:
        f.write(text)
def wide(text): return ",".join("%02x" % b for b in (text + "\0").encode("utf-16-le"))
domain, netbios = n("zqcorp.example"), n("ZQCORP")
users = [n("zqalice"), n("zqbob.zqsmith"), n("Zq Carol"), n("zqsvc-pool"), n("zqjürgen"), n("zqmapped"), n("zqshareuser")]
hosts = [n("zqapp." + domain), n("zqproxy." + domain), n("zqintra"), n("zqfiles"), n("zqtime." + domain), n("zqnode1"), n("zqwsus"), n("zqclient9")]
v4 = [n(f"10.77.66.{i}") for i in range(10, 22)]
v6 = [n("fd00:77:66::%x" % i) for i in range(0x1a1, 0x1a5)]
sid = n("S-1-5-21-771122-881122-991122")
inetsrv = "/overlay/files/Windows/System32/inetsrv/config/applicationHost.config"
text = open(sys.argv[2] + "/files/Windows/System32/inetsrv/config/applicationHost.config", encoding="utf-8-sig").read()
plain = text
text = text.replace("</bindings>", f'<binding protocol="https" bindingInformation="{v4[0]}:8443:{hosts[0]}" /><binding protocol="https" bindingInformation="[{v6[0]}]:8444:" /></bindings>', 1)
text = text.replace("</application>", f'<virtualDirectory path="/share" physicalPath="\\\\{hosts[3]}\\web" userName="{netbios}\\{users[6]}" /></application>', 1)
text = text.replace("</configuration>", f"""<location path="own"><system.webServer><security><authentication><iisClientCertificateMappingAuthentication enabled="true"><oneToOneMappings>
<add enabled="true" userName="{netbios}\\{users[5]}" certificate="MIIB" /></oneToOneMappings>
<manyToOneMappings><add name="m" enabled="true" userName="{users[5]}"><rules><add certificateField="Subject" certificateSubField="CN" matchCriteria="{users[0]}" /></rules></add></manyToOneMappings></iisClientCertificateMappingAuthentication></authentication></security></system.webServer></location></configuration>""")
assert text.count("zq") + text.count("ZQ") >= 5, "the configuration was not changed"
write(inetsrv, text)
logs = "/overlay/files/inetpub/logs/LogFiles/W3SVC1/"
write(logs + "u_ex150907.log", f"""#Fields: date time s-computername s-ip cs-method cs-uri-stem cs-username c-ip cs-host sc-status sc-substatus sc-win32-status
2015-09-07 06:00:00 {hosts[5]} {v4[1]} GET /a {netbios}\\{users[0]} {v4[2]} {hosts[0]}:443 403 7 64
2015-09-07 06:00:01 {hosts[5]} {v4[1]} GET /a {users[1]}@{domain} {v6[1]} {v4[3]} 403 7 64
2015-09-07 06:00:02 {hosts[5]} {v4[1]} GET /~{users[0]}/x {users[4]} {v4[4]} - 403 7 64
""")
write("/overlay/files/Windows/System32/LogFiles/HTTPERR/httperr9.log", f"""#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename
2015-09-07 06:00:00 {v4[5]} 1 {v6[2]} 443 HTTP/1.1 GET https://{hosts[0]}/x 400 1 BadRequest -
""")
write("/overlay/files/inetpub/logs/FailedReqLogFiles/W3SVC1/fr000099.xml", f"""<failedRequest url="https://{hosts[0]}/a" siteId="1" remoteUserName="{netbios}\\{users[0]}" userName="{users[1]}" statusCode="403"><Event><System><EventID>0</EventID><Computer>{hosts[5]}</Computer></System><EventData>
<Data Name="RemoteAddress">{v4[6]}</Data><Data Name="LocalAddress">{v4[7]}</Data><Data Name="PhysicalPath">C:\\Users\\{users[2]}\\x</Data><Data Name="Headers">Host: {hosts[0]}
X-Own: y
</Data></EventData></Event></failedRequest>
""")
internet = "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Internet Settings"
winhttp = f"http={hosts[1]}:8080".encode()
write("/overlay/registry/zz-names.reg", f"""Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters]
"NV Domain"="{domain}"
"SearchList"="{domain},{n('zqother.example')}"

[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\W32Time\\Parameters]
"NtpServer"="{hosts[4]},0x9"

[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\MSV1_0]
"BackConnectionHostNames"=hex(7):{wide(n('zqback.zqelse.example') + chr(0) + hosts[0])},00,00

[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\zqservice]
"ObjectName"="{netbios}\\\\{users[3]}"
"Start"=dword:00000002

[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList\\{sid}-1234]
"ProfileImagePath"=hex(2):{wide("C:" + chr(92) + "Users" + chr(92) + users[2])}

[HKEY_LOCAL_MACHINE\\{internet}]
"ProxyServer"="http={hosts[1]}:8080;https={v4[8]}:8080"
"ProxyOverride"="*.{domain};{hosts[2]};<local>"
"AutoConfigURL"=hex(2):{wide("http://" + n("zqwpad." + domain) + "/proxy.pac")}

[HKEY_LOCAL_MACHINE\\{internet}\\Connections]
"WinHttpSettings"=hex:18,00,00,00,00,00,00,00,03,00,00,00,{len(winhttp):02x},00,00,00,{",".join("%02x" % b for b in winhttp)},00,00,00,00

[HKEY_LOCAL_MACHINE\\{internet}\\ZoneMap\\Domains\\{domain}\\zqapp]
"https"=dword:00000001

[HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\Windows\\CurrentVersion\\Internet Settings\\ZoneMapKey]
"https://{n('zqzone.' + domain)}"="1"
"*.{n('zqwild.example')}"="1"

[HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Google\\Chrome\\AutoSelectCertificateForUrls]
"1"="{{\\"pattern\\":\\"https://[*.]{n('zqselect.example')}\\",\\"filter\\":{{\\"SUBJECT\\":{{\\"CN\\":\\"{users[0]}\\"}}}}}}"

[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters\\SslBindingInfo\\{v4[9]}:443]
"AppId"=hex:00

[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters\\SslSniBindingInfo\\{n('zqsni.' + domain)}:443]
"AppId"=hex:00
""")
write("/entries/logs/events/System.xml", f"""<Events><Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="Schannel"/><EventID>36887</EventID><Computer>{hosts[7]}.{domain}</Computer><Security UserID="{sid}-1105"/></System><EventData><Data Name="TargetName">{hosts[0]}</Data></EventData></Event>
<Event><System><Provider Name='Microsoft-Windows-Security-Auditing'/><EventID>4625</EventID></System><EventData><Data Name='TargetUserName'>{n('zqlogon')}</Data><Data Name='TargetDomainName'>{netbios}</Data><Data Name='IpAddress'>{v4[10]}</Data><Data Name='Workstation'>{hosts[6]}</Data></EventData></Event></Events>
""")
write("/entries/tls/1.json", f'{{"host":"{hosts[0]}","address":"{v4[11]}","port":443,"localAddress":"{v6[3]}","localPort":1,"site":null,"binding":"*:443:{hosts[0]}","how":"schannel","sni":"{hosts[0]}","schannel":{{"status":0,"asked":true,"issuers":["3000"],"peerChain":["3001"]}},"http":null}}\n')
write("/entries/tls/1.bin", hosts[0])
with open(work + "/names", "w") as f:
    for name in dict.fromkeys(x.lower() for x in names):
        f.write(name.replace(" ", "_") + " name\n")
