"""Works out the examples of doc/ir.md: doc.py DRAGOMAN_IR IR_MD. DGM_BLESS=1 rewrites them."""
import os
import re
import subprocess
import sys
import tempfile

tool, doc = sys.argv[1:]
text = open(doc).read()
bad = 0


def work_out(match):
    global bad
    with tempfile.NamedTemporaryFile('w', suffix='.ir') as f:
        f.write(match.group(1))
        f.flush()
        done = subprocess.run([tool, f.name], capture_output=True, text=True)
    if done.returncode or (done.stdout != match.group(1) and os.environ.get('DGM_BLESS') != '1'):
        bad += 1
        print(f'{doc}: an example is not as expected; it is\n{done.stdout}{done.stderr}')
        return match.group(0)
    return f'```ir\n{done.stdout}```'


examples = len(re.findall(r'```ir\n', text))
result = re.sub(r'```ir\n(.*?)```', work_out, text, flags=re.S)
if result != text:
    open(doc, 'w').write(result)
print(f'{examples} examples, {bad} wrong')
sys.exit(bad != 0 or examples == 0)
