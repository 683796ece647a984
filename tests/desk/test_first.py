from tests.world import report, ref
from linli.cases.actions import accepting

def test_pages(at_desk, world):
    case = report(world.zhou)
    c = at_desk("xiao_xu")
    r = c.get("/desk/")
    assert r.status_code == 200, r.content.decode()[:500]
    assert case.number in r.content.decode()
    r = c.get(f"/desk/case/{case.number}")
    assert r.status_code == 200
    r = c.get(f"/desk/case/{case.number}", HTTP_HX_REQUEST="true")
    assert r.status_code == 200
    for v in ("register", "dispatch", "relocate", "split", "merge", "propose_rejection", "reclassify", "call", "request_extension", "verify", "feedback"):
        r = c.get(f"/desk/case/{case.number}/do/{v}")
        assert r.status_code == 200, v
    assert c.get(f"/desk/case/{case.number}/aside").status_code == 200
    assert c.get(f"/desk/case/{case.number}/slip").status_code == 200
    assert c.get(f"/desk/case/{case.number}/reporter").status_code == 200
    assert c.get("/desk/register").status_code == 200
    assert c.get("/desk/list").status_code == 200
    assert c.get("/desk/views").status_code == 200
    assert c.get("/desk/news?since=2026-11-01T00:00:00%2B00:00").status_code == 200
    assert c.get("/desk/register/categories?description=路灯不亮").status_code == 200
    assert c.get("/desk/register/near?category=UT02&lng=104.0605&lat=30.6305").status_code == 200
    assert c.get("/desk/ground/" + case.area_path).status_code == 200
    assert c.get(f"/desk/case/{case.number}/places?address=玉林").status_code == 200
